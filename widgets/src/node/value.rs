//! What is set on an element: texts and conditions, fixed or followed.

use std::borrow::Cow;

/// A text, or nothing, that stays or changes.
pub(crate) enum Text {
    /// It stays.
    Fixed(Option<Cow<'static, str>>),
    /// It is read anew whenever what it depends on changes.
    Live(Box<dyn Fn() -> Option<Cow<'static, str>> + Send>),
}

/// A condition that stays or changes.
pub(crate) enum Flag {
    /// It stays.
    Fixed(bool),
    /// It is read anew whenever what it depends on changes.
    Live(Box<dyn Fn() -> bool + Send>),
}

/// What a text may come from.
pub(crate) trait Said {
    /// The text.
    fn said(self) -> Option<Cow<'static, str>>;
}

impl Said for &'static str {
    fn said(self) -> Option<Cow<'static, str>> {
        Some(Cow::Borrowed(self))
    }
}

impl Said for String {
    fn said(self) -> Option<Cow<'static, str>> {
        Some(Cow::Owned(self))
    }
}

impl<T: Said> Said for Option<T> {
    fn said(self) -> Option<Cow<'static, str>> {
        self.and_then(Said::said)
    }
}

impl From<&'static str> for Text {
    fn from(text: &'static str) -> Self {
        Text::Fixed(text.said())
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Text::Fixed(text.said())
    }
}

impl<T: Said> From<Option<T>> for Text {
    fn from(text: Option<T>) -> Self {
        Text::Fixed(text.said())
    }
}

impl<F: Fn() -> T + Send + 'static, T: Said> From<F> for Text {
    fn from(read: F) -> Self {
        Text::Live(Box::new(move || read().said()))
    }
}

impl From<bool> for Flag {
    fn from(on: bool) -> Self {
        Flag::Fixed(on)
    }
}

impl<F: Fn() -> bool + Send + 'static> From<F> for Flag {
    fn from(on: F) -> Self {
        Flag::Live(Box::new(on))
    }
}
