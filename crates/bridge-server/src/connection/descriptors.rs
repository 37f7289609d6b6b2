use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What the program needs besides connections: the store, the site when it is loaded again, the log.
const RESERVE: u64 = 64;

/// How many connections the process may have open: as many as the owner wants, if its file descriptors suffice. It asks the system for as many
/// as it may have.
pub(crate) fn most_connections(wanted: usize) -> usize {
    let limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        // macOS refuses "unlimited". Then it stays as it is.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
    }
    let most = affordable(wanted, getrlimit(Resource::Nofile).current);
    if most < wanted {
        tracing::warn!(wanted, most, "--connections is more than the file descriptors that this process may have");
    }
    most
}

fn affordable(wanted: usize, descriptors: Option<u64>) -> usize {
    let Some(descriptors) = descriptors else { return wanted };
    let most = descriptors.saturating_sub(RESERVE).max(descriptors / 4).max(1);
    wanted.min(usize::try_from(most).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_descriptors_for_everything_else() {
        assert_eq!(affordable(4096, Some(128)), 64);
        assert_eq!(affordable(4096, Some(1024)), 960);
        assert_eq!(affordable(4096, Some(1_048_576)), 4096);
        assert_eq!(affordable(4096, None), 4096);
        assert_eq!((affordable(4096, Some(64)), affordable(4096, Some(2))), (16, 1));
    }
}
