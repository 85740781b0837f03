//! What can stand inside an element.

use leptos::prelude::*;

use super::Node;

/// Something that stands inside an element.
pub(crate) trait Child {
    /// Appends it to those before it.
    fn append_to(self, children: &mut Vec<AnyView>);
}

impl Child for AnyView {
    fn append_to(self, children: &mut Vec<AnyView>) {
        children.push(self);
    }
}

impl Child for Node {
    fn append_to(self, children: &mut Vec<AnyView>) {
        children.push(self.into_any());
    }
}

impl Child for &'static str {
    fn append_to(self, children: &mut Vec<AnyView>) {
        children.push(self.to_owned().into_any());
    }
}

impl Child for String {
    fn append_to(self, children: &mut Vec<AnyView>) {
        children.push(self.into_any());
    }
}

/// Nothing takes a place too, so that what stands in one place stays in it.
impl<T: Child> Child for Option<T> {
    fn append_to(self, children: &mut Vec<AnyView>) {
        match self {
            Some(child) => child.append_to(children),
            None => children.push(().into_any()),
        }
    }
}

impl<T: Child> Child for Vec<T> {
    fn append_to(self, children: &mut Vec<AnyView>) {
        for child in self {
            child.append_to(children);
        }
    }
}

/// Made anew whenever what it depends on changes.
impl<F: Fn() -> T + Send + 'static, T: Child> Child for F {
    fn append_to(self, children: &mut Vec<AnyView>) {
        let make: Box<dyn Fn() -> AnyView + Send> = Box::new(move || one(self()));
        children.push(make.into_any());
    }
}

macro_rules! tuples {
    ($(($($name:ident),+))*) => {
        $(
            impl<$($name: Child),+> Child for ($($name,)+) {
                #[expect(non_snake_case, reason = "a value is named for its type")]
                fn append_to(self, children: &mut Vec<AnyView>) {
                    let ($($name,)+) = self;
                    $($name.append_to(children);)+
                }
            }
        )*
    };
}

tuples!((A, B)(A, B, C)(A, B, C, D)(A, B, C, D, E)(A, B, C, D, E, F));

/// A child, or several of them, as one view.
pub(crate) fn one(child: impl Child) -> AnyView {
    let mut children = Vec::new();
    child.append_to(&mut children);
    match <[AnyView; 1]>::try_from(children) {
        Ok([child]) => child,
        Err(children) => children.into_any(),
    }
}
