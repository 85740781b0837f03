//! A transport that gives up on a peer which takes nothing.
//!
//! Once a socket is full, the layers above are no longer asked for more, so that nothing up there can find out that
//! nobody reads: it has to be found out here.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use pin_project_lite::pin_project;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

pin_project! {
    /// Fails a write that has made no progress for too long.
    pub(super) struct Progress<T> {
        #[pin]
        inner: T,
        within: Duration,
        #[pin]
        deadline: Option<Sleep>,
    }
}

impl<T> Progress<T> {
    pub(super) fn new(inner: T, within: Duration) -> Self {
        Progress { inner, within, deadline: None }
    }
}

impl<T> Progress<T> {
    /// Notes how a write went: what is pending begins to count, what went through stops it.
    fn note<R>(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        result: Poll<io::Result<R>>,
    ) -> Poll<io::Result<R>> {
        let mut this = self.project();
        if result.is_ready() {
            this.deadline.set(None);
            return result;
        }
        if this.deadline.is_none() {
            let at = Instant::now() + *this.within;
            this.deadline.set(Some(sleep_until(at)));
        }
        match this.deadline.as_pin_mut().map(|deadline| deadline.poll(context)) {
            Some(Poll::Ready(())) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            _ => Poll::Pending,
        }
    }
}

impl<T: AsyncRead> AsyncRead for Progress<T> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.project().inner.poll_read(context, buffer)
    }
}

impl<T: AsyncWrite> AsyncWrite for Progress<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = self.as_mut().project().inner.poll_write(context, bytes);
        self.note(context, result)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let result = self.as_mut().project().inner.poll_flush(context);
        self.note(context, result)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let result = self.as_mut().project().inner.poll_shutdown(context);
        self.note(context, result)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = self.as_mut().project().inner.poll_write_vectored(context, buffers);
        self.note(context, result)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_takes_nothing_is_given_up() {
        let (near, far) = duplex(4);
        let mut near = Box::pin(Progress::new(near, Duration::from_secs(30)));
        let began = Instant::now();
        let error = near.write_all(b"hello").await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(began.elapsed().as_secs(), 30);
        drop(far);
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_reader_is_not() {
        let (near, mut far) = duplex(1);
        let mut near = Box::pin(Progress::new(near, Duration::from_secs(30)));
        let read = async {
            for _ in 0..5 {
                tokio::time::advance(Duration::from_secs(20)).await;
                far.read_u8().await.unwrap();
            }
        };
        let (written, ()) = tokio::join!(near.write_all(b"hello"), read);
        assert!(written.is_ok());
    }
}
