use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use metrics::counter;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

use super::pulse::Pulse;
use crate::places::{Place, Places};

/// A connection with an end. Whoever uses it reads or writes, also while nothing comes or goes; then it looks at the clock.
pub(crate) struct Bounded<S> {
    stream: S,
    pulse: Arc<Pulse>,
    places: Arc<Places>,
    alarm: Pin<Box<Sleep>>,
    _place: Place,
}

impl<S> Bounded<S> {
    pub(super) fn new(stream: S, pulse: Arc<Pulse>, places: Arc<Places>, place: Place) -> Self {
        // The first look is at once: the alarm then needs no rule of its own.
        let alarm = Box::pin(tokio::time::sleep_until(Instant::now().into()));
        Self { stream, pulse, places, alarm, _place: place }
    }

    /// An error if the connection has had its time. Else its task wakes up for the next look.
    fn look(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        while self.alarm.as_mut().poll(context).is_ready() {
            let Some(next) = self.pulse.next_look(Instant::now(), self.places.is_crowded()) else {
                counter!("bridge_connections_timed_out_total").increment(1);
                return Err(io::ErrorKind::TimedOut.into());
            };
            self.alarm.as_mut().reset(next.into());
        }
        Ok(())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Bounded<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.look(cx)?;
        Pin::new(&mut self.stream).poll_read(cx, into)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Bounded<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.look(cx)?;
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.look(cx)?;
        Pin::new(&mut self.stream).poll_write_vectored(cx, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.look(cx)?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.look(cx)?;
        ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
        Poll::Ready(Ok(()))
    }
}
