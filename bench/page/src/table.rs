//! The tables of docs/speed.md.

use crate::contestant::{CONTESTANTS, Contestant, Kind};
use crate::figures::{median, ratio};
use crate::server::Server;
use crate::turns::{Measured, Row};

/// The median of each contestant in each row, and the provider's ratio to the quickest package and to the echo.
pub(crate) fn comparison(rows: &[Measured]) -> String {
    let names = CONTESTANTS.map(heading);
    let mut table = format!(
        "| network | CPU | {} | to the quickest package | to the echo |\n|---|--:|{}--:|--:|\n",
        names.join(" | "),
        "--:|".repeat(names.len())
    );
    for Measured { row, times } in rows {
        table.push_str(&format!("| {} | {} |", network(*row), rate(row.slowdown)));
        for times in times {
            table.push_str(&format!(" {} |", milliseconds(median(times.iter().copied()))));
        }
        for kind in [Kind::Package, Kind::Floor] {
            table.push_str(&format!(" {} |", to_quickest(kind, times)));
        }
        table.push('\n');
    }
    table
}

/// The ratio of the provider to the quickest contestant of this kind.
fn to_quickest(kind: Kind, times: &[Vec<f64>]) -> String {
    let of_kind = CONTESTANTS.iter().zip(times).filter(|(contestant, _)| contestant.kind == kind);
    let middle = |times: &[f64]| median(times.iter().copied());
    let quickest = of_kind.min_by(|(_, a), (_, b)| middle(a).total_cmp(&middle(b)));
    match (times.first(), quickest) {
        (Some(ours), Some((contestant, theirs))) => {
            let name = if kind == Kind::Package { format!(" {}", contestant.name) } else { String::new() };
            format!("× {:.2}{name}", ratio(ours, theirs))
        }
        _ => String::new(),
    }
}

fn heading(contestant: Contestant) -> String {
    match contestant.kind {
        Kind::Ours => "**Cookie Bridge**".to_owned(),
        _ => contestant.name.to_owned(),
    }
}

fn network(row: Row) -> String {
    let name = row.network.name();
    if row.is_cached { format!("{name}, cached") } else { name }
}

/// How fast the processor is, as the tables call it.
pub(crate) fn rate(slowdown: u32) -> String {
    if slowdown == 1 { "1".to_owned() } else { format!("1/{slowdown}") }
}

/// Without decimals, which are noise.
pub(crate) fn milliseconds(value: f64) -> String {
    format!("{value:.0}")
}

/// The bytes of each contestant's files.
pub(crate) fn downloads(server: &Server) -> String {
    let mut table = "| bytes after brotli | the page's script | the iframe's page | its script | together |\n\
                     |---|--:|--:|--:|--:|\n"
        .to_owned();
    for contestant in CONTESTANTS {
        let sizes =
            ["client.js", contestant.embedded(), "hub.js"].map(|file| server.files().size(&contestant.path(file)));
        table.push_str(&format!("| {} |", heading(contestant)));
        for size in sizes {
            table.push_str(&size.map_or(" |".to_owned(), |size| format!(" {size} |")));
        }
        table.push_str(&format!(" {} |\n", sizes.into_iter().flatten().sum::<usize>()));
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Network;

    #[test]
    fn the_provider_is_compared_with_the_quickest_package_and_with_the_echo() {
        let times = [100.0, 300.0, 200.0, 400.0, 500.0, 80.0].map(|time| vec![time; 3]).to_vec();
        let row = Row::of(Network::NEAR).slowed();
        let table = comparison(&[Measured { row, times }]);
        let line = "| 40 ms, 10 Mbit/s | 1/4 | 100 | 300 | 200 | 400 | 500 | 80 | × 0.50 cross-storage | × 1.25 |\n";
        assert!(table.ends_with(line), "{table}");
    }
}
