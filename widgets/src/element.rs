//! The one shim between custom elements and views: attributes become signals, connecting mounts, disconnecting
//! disposes.
//!
//! Knows shadow roots and attributes. Must never know what an element shows.

use std::cell::{Cell, OnceCell, RefCell};

use leptos::mount::mount_to;
use leptos::prelude::*;
use sdk::Map;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::{CssStyleSheet, CustomEvent, CustomEventInit, HtmlElement, ShadowRoot};

/// Every rule of every element, in one sheet which all shadow roots share.
const STYLES: &str = include_str!(concat!(env!("OUT_DIR"), "/styles.css"));

type Mount = Closure<dyn Fn(HtmlElement, ShadowRoot) -> u32>;
type Change = Closure<dyn Fn(u32, String, Option<String>)>;
type Unmount = Closure<dyn Fn(u32)>;

#[wasm_bindgen(module = "/src/element.js")]
extern "C" {
    #[wasm_bindgen(js_name = defineElement)]
    fn define_element(tag: &str, attributes: Vec<String>, mount: &Mount, change: &Change, unmount: &Unmount);

    /// The origin that this module was loaded from, where it came from the web.
    #[wasm_bindgen(js_name = moduleOrigin)]
    pub(crate) fn module_origin() -> Option<String>;
}

/// What one tag is: its name, the attributes that it hears of, and its view.
#[derive(Clone, Copy)]
pub(crate) struct Tag {
    pub(crate) name: &'static str,
    pub(crate) attributes: &'static [&'static str],
    pub(crate) view: fn(Element) -> AnyView,
}

/// An element on a page, as its view sees it. Cheap to copy; it lives as long as the element is mounted.
#[derive(Clone, Copy)]
pub(crate) struct Element {
    tag: &'static str,
    host: StoredValue<HtmlElement, LocalStorage>,
    attributes: StoredValue<Attributes>,
}

type Attributes = Vec<(&'static str, ArcRwSignal<Option<String>>)>;

impl Element {
    /// The value of an observed attribute, tracked; `None` where it is absent.
    pub(crate) fn attribute(self, name: &str) -> Option<String> {
        let signal = self.attributes.with_value(|attributes| {
            attributes.iter().find(|(known, _)| *known == name).map(|(_, signal)| signal.clone())
        });
        signal.and_then(|signal| signal.get())
    }

    /// Sets an attribute on the host, as the page itself could.
    pub(crate) fn set_attribute(self, name: &str, value: &str) {
        // It fails only for names that are no names.
        let _ = self.host().set_attribute(name, value);
    }

    /// The host's tag.
    pub(crate) fn tag(self) -> &'static str {
        self.tag
    }

    /// The element itself.
    pub(crate) fn host(self) -> HtmlElement {
        self.host.get_value()
    }

    /// Tells the page something: a `CustomEvent` that bubbles out of shadow roots and can be cancelled. False if
    /// somebody called `preventDefault()`.
    pub(crate) fn emit(self, name: &str, detail: &[(&str, JsValue)]) -> bool {
        let object = js_sys::Object::new();
        for (key, value) in detail {
            // Setting a property of an object made just now can't fail.
            let _ = js_sys::Reflect::set(&object, &JsValue::from_str(key), value);
        }
        let init = CustomEventInit::new();
        init.set_bubbles(true);
        init.set_composed(true);
        init.set_cancelable(true);
        init.set_detail(&object);
        CustomEvent::new_with_event_init_dict(name, &init)
            .and_then(|event| self.host().dispatch_event(&event))
            .unwrap_or(true)
    }
}

struct Mounted {
    attributes: Attributes,
    /// Dropped to dispose of the view. Its type differs from view to view; nothing but dropping it is wanted.
    _handle: Box<dyn std::any::Any>,
}

thread_local! {
    static MOUNTED: RefCell<Map<u32, Mounted>> = const { RefCell::new(Map::new()) };
    static NEXT: Cell<u32> = const { Cell::new(0) };
    static SHEET: OnceCell<Option<CssStyleSheet>> = const { OnceCell::new() };
}

/// Defines a tag on this page. Its closures live as long as the page, as the definition does.
pub(crate) fn define(tag: Tag) {
    let mount: Mount = Closure::new(move |host, root| mount(tag, host, root));
    let change: Change = Closure::new(|id, name: String, value| change(id, &name, value));
    let unmount: Unmount = Closure::new(unmount);
    define_element(
        tag.name,
        tag.attributes.iter().map(|name| (*name).to_owned()).collect(),
        &mount,
        &change,
        &unmount,
    );
    mount.forget();
    change.forget();
    unmount.forget();
}

fn mount(tag: Tag, host: HtmlElement, root: ShadowRoot) -> u32 {
    adopt_styles(&root);
    let attributes: Attributes =
        tag.attributes.iter().map(|name| (*name, ArcRwSignal::new(host.get_attribute(name)))).collect();
    let kept = attributes.clone();
    let parent: HtmlElement = root.unchecked_into();
    let handle = mount_to(parent, move || {
        (tag.view)(Element {
            tag: tag.name,
            host: StoredValue::new_local(host),
            attributes: StoredValue::new(attributes),
        })
    });
    let id = NEXT.replace(NEXT.get().wrapping_add(1));
    let mounted = Mounted { attributes: kept, _handle: Box::new(handle) };
    MOUNTED.with_borrow_mut(|all| all.insert(id, mounted));
    id
}

fn change(id: u32, name: &str, value: Option<String>) {
    let signal = MOUNTED.with_borrow(|all| {
        let (_, signal) = all.get(&id)?.attributes.iter().find(|(known, _)| *known == name)?;
        Some(signal.clone())
    });
    if let Some(signal) = signal
        && signal.get_untracked() != value
    {
        signal.set(value);
    }
}

fn unmount(id: u32) {
    // Taken out before it is dropped: disposing of a view may unmount or mount others.
    let mounted = MOUNTED.with_borrow_mut(|all| all.remove(&id));
    drop(mounted);
}

/// Gives a shadow root the shared sheet. A constructed sheet is no inline style, so a strict policy lets it through.
pub(crate) fn adopt_styles(root: &ShadowRoot) {
    SHEET.with(|sheet| {
        let sheet = sheet.get_or_init(|| {
            let sheet = CssStyleSheet::new().ok()?;
            sheet.replace_sync(STYLES).ok()?;
            Some(sheet)
        });
        if let Some(sheet) = sheet {
            root.set_adopted_style_sheets(&js_sys::Array::of1(sheet));
        }
    });
}
