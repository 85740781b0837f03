//! The filter as bytes to read from and to write to.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncBufRead, AsyncRead, AsyncWrite, ReadBuf};

use super::{Firewall, KEPT_BYTES};

/// What is read goes through the filter; what is written goes as it is.
#[derive(Debug)]
pub(in crate::xmpp) struct Filtered<T> {
    inner: T,
    firewall: Firewall,
    passed: Vec<u8>,
    /// How much of it was read.
    read: usize,
}

impl<T> Filtered<T> {
    pub(in super::super) fn new(inner: T) -> Self {
        Filtered { inner, firewall: Firewall::default(), passed: Vec::new(), read: 0 }
    }

    /// The other side begins its stream anew.
    pub(in super::super) fn restart(&mut self) {
        self.firewall = Firewall::default();
    }

    /// What is below. What passed and was not read is thrown away.
    pub(in super::super) fn into_inner(self) -> T {
        self.inner
    }
}

impl<T: AsyncBufRead + Unpin> AsyncBufRead for Filtered<T> {
    fn poll_fill_buf(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let this = self.get_mut();
        while this.read == this.passed.len() {
            this.passed.clear();
            this.passed.shrink_to(KEPT_BYTES);
            this.read = 0;
            let bytes = ready!(Pin::new(&mut this.inner).poll_fill_buf(context))?;
            if bytes.is_empty() {
                return Poll::Ready(Ok(&[]));
            }
            let count = bytes.len();
            this.firewall.filter(bytes, &mut this.passed);
            Pin::new(&mut this.inner).consume(count);
        }
        Poll::Ready(Ok(&this.passed[this.read..]))
    }

    fn consume(self: Pin<&mut Self>, count: usize) {
        self.get_mut().read += count;
    }
}

impl<T: AsyncBufRead + Unpin> AsyncRead for Filtered<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let bytes = ready!(self.as_mut().poll_fill_buf(context))?;
        let count = bytes.len().min(buffer.remaining());
        buffer.put_slice(&bytes[..count]);
        self.consume(count);
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Filtered<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}
