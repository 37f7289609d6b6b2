use std::time::Duration;

/// A network between the browser and the sites.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Network {
    /// From a request to the first byte of its response.
    pub(crate) round_trip: Duration,
    /// Without a limit, none.
    pub(crate) bits_per_second: Option<f64>,
}

impl Network {
    /// No network at all.
    pub(crate) const LOOPBACK: Self = Self { round_trip: Duration::ZERO, bits_per_second: None };
    pub(crate) const NEAR: Self = Self::with(40, 10e6);
    pub(crate) const MIDDLE: Self = Self::with(100, 4e6);
    pub(crate) const FAR: Self = Self::with(150, 1.6e6);

    const fn with(milliseconds: u64, bits_per_second: f64) -> Self {
        Self { round_trip: Duration::from_millis(milliseconds), bits_per_second: Some(bits_per_second) }
    }

    /// As the tables call it.
    pub(crate) fn name(self) -> String {
        match self.bits_per_second {
            None => "loopback".to_owned(),
            Some(rate) => format!("{} ms, {} Mbit/s", self.round_trip.as_millis(), rate / 1e6),
        }
    }

    /// How long the link is busy with so many bytes.
    pub(crate) fn transfer(self, bytes: u32) -> Duration {
        self.bits_per_second.map_or(Duration::ZERO, |rate| Duration::from_secs_f64(f64::from(8 * bytes) / rate))
    }
}
