//! The tables of docs/load.md.

use anyhow::{Context, Result};

use super::STORED;
use super::measure::{Round, median, ratio};
use super::server::Server;

/// The first server's figures, and those of the others with the ratio of the first one's to theirs.
pub(super) fn comparison(route: &str, servers: &[&Server], rounds: &[Vec<Round>]) -> Result<String> {
    let first = rounds.first().context("there is no server")?;
    let mut table = format!(
        "| `{route}` | requests/s | p50, ms | p99, ms | CPU, µs/request | bridge server's requests/s | its p50 | its p99 |\n\
         |---|--:|--:|--:|--:|--:|--:|--:|\n"
    );
    for (server, rounds) in servers.iter().zip(rounds) {
        let of = |figure: fn(&Round) -> f64| median(rounds.iter().map(figure));
        table.push_str(&format!(
            "| {} | {:.0} | {:.2} | {:.2} | {:.0} |",
            server.name,
            of(Round::rate),
            of(Round::p50),
            of(Round::p99),
            of(Round::cpu)
        ));
        for figure in [Round::rate, Round::p50, Round::p99] {
            table.push_str(&format!(" {} |", times(ratio(first, rounds, figure))));
        }
        table.push('\n');
    }
    Ok(table)
}

/// What a request costs with so many sessions stored, for two routes with the rounds of each server.
pub(super) fn sizes(routes: [(&str, &[Vec<Round>]); 2]) -> String {
    let [(load, _), (save, _)] = routes;
    let mut table = format!(
        "| sessions | `{load}`: µs/request | CPU | p50 | p99 | `{save}`: µs/request | CPU | p50 | p99 |\n\
         |--:|--:|--:|--:|--:|--:|--:|--:|--:|\n"
    );
    for (at, sessions) in STORED.into_iter().enumerate() {
        table.push_str(&format!("| {} |", thousands(sessions)));
        for (_, rounds) in routes {
            let (Some(first), Some(these)) = (rounds.first(), rounds.get(at)) else { continue };
            let cost = median(these.iter().map(Round::cost));
            table.push_str(&format!(" {cost:.0} ({}) |", times(ratio(these, first, Round::cost))));
            for figure in [Round::cpu, Round::p50, Round::p99] {
                table.push_str(&format!(" {} |", times(ratio(these, first, figure))));
            }
        }
        table.push('\n');
    }
    table
}

/// With two significant digits or more.
fn times(ratio: f64) -> String {
    let decimals = match ratio {
        0.0..0.1 => 3,
        0.1..10.0 => 2,
        _ => 0,
    };
    format!("× {ratio:.decimals$}")
}

/// With a thin space between groups of three digits.
pub(super) fn thousands(number: u32) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_with_as_many_digits_as_they_need() {
        assert_eq!([times(0.0312), times(0.5), times(1.0), times(12.34)], ["× 0.031", "× 0.50", "× 1.00", "× 12"]);
        assert_eq!([7, 1_000, 1_000_000].map(thousands), ["7", "1\u{202f}000", "1\u{202f}000\u{202f}000"]);
    }

    #[test]
    fn a_store_is_compared_with_the_smallest_one() {
        let rounds = [1000.0, 500.0, 250.0, 100.0]
            .map(|requests| vec![Round { requests, seconds: 1.0, p50_micros: 1.0, p99_micros: 2.0, cpu_seconds: 1.0 }]);
        let table = sizes([("/load", &rounds), ("/save", &rounds)]);
        let half = "2000 (× 2.00) | × 2.00 | × 1.00 | × 1.00 |";
        assert!(table.contains(&format!("| 10\u{202f}000 | {half} {half}\n")), "{table}");
    }
}
