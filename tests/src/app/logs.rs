//! What the gateway of a test logs.
//!
//! The gateway runs on the test's own thread, and so its lines can be told from those of other tests.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use tracing::subscriber::DefaultGuard;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use super::secrets;

/// Everything that was logged on this thread since [`Logs::begin`].
#[derive(Debug)]
pub(crate) struct Logs {
    text: Written,
    _guard: DefaultGuard,
}

#[derive(Debug, Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Logs {
    pub(crate) fn begin() -> Self {
        let text = Written::default();
        let subscriber = tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::new("warn,server=trace"))
            .with_writer(text.clone())
            .with_ansi(false)
            .finish();
        Logs { text, _guard: tracing::subscriber::set_default(subscriber) }
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.text.0.lock().unwrap()).into_owned()
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Written {
    type Writer = Written;

    fn make_writer(&self) -> Written {
        self.clone()
    }
}

/// A line of level ERROR is a fault of the gateway, whatever the test looked at.
impl Drop for Logs {
    fn drop(&mut self) {
        let text = self.text();
        secrets::keep_log(&text);
        if !std::thread::panicking() {
            assert!(!text.lines().any(|line| line.contains(" ERROR ")), "an error was logged:\n{text}");
        }
    }
}
