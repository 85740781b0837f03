//! Where the gateway is: what the element says, else what the page said when it registered the elements, else its
//! `<meta name="sparkweb-gateway">`, else the origin of the module, else that of the page.
//!
//! Knows who may name it. Must never know what is asked there.

use wasm_bindgen::JsCast;

use crate::browser;
use crate::element::{Element, module_origin};

/// The gateway that an element means. Relative addresses are the page's.
pub(crate) fn of(element: Element) -> String {
    first([element.attribute("gateway"), sdk::Client::default_gateway(), meta(), module_origin()])
}

/// The gateway that elements mean which say nothing; empty for the page's own origin.
pub fn gateway() -> String {
    first([None, sdk::Client::default_gateway(), meta(), module_origin()])
}

fn meta() -> Option<String> {
    let found = browser::document().query_selector(r#"meta[name="sparkweb-gateway"]"#).ok()??;
    Some(found.dyn_into::<web_sys::HtmlMetaElement>().ok()?.content())
}

/// The first that says anything: an attribute that is there and empty does not.
fn first(named: [Option<String>; 4]) -> String {
    named.into_iter().flatten().find(|named| !named.trim().is_empty()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_that_names_one_is_meant() {
        for (attribute, registered, meta, module, expected) in [
            ("a", "r", "m", "o", "a"),
            ("", "r", "m", "o", "r"),
            (" ", "r", "m", "o", "r"),
            ("-", "r", "m", "o", "r"),
            ("-", "-", "m", "o", "m"),
            ("-", "-", "-", "o", "o"),
            ("-", "-", "-", "-", ""),
        ] {
            let named = |text: &str| (text != "-").then(|| text.to_owned());
            let all = [named(attribute), named(registered), named(meta), named(module)];
            assert_eq!(first(all), expected, "{attribute} {registered} {meta} {module}");
        }
    }
}
