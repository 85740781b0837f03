//! An element of a view, with what differs from one element to the next kept as data.
//!
//! Leptos' own builders make a type of every attribute and child, and the compiler makes code of every type: two thirds
//! of what a page had to download was that. Here all elements are one type, and all views [`AnyView`]. It knows the DOM
//! and the reactive graph; it must never know what is shown.

mod child;
mod keyed;
mod value;

use leptos::ev::EventDescriptor;
use leptos::html::ElementType;
use leptos::prelude::*;
use leptos::reactive::effect::RenderEffect;
use leptos::tachys::html::attribute::any_attribute::AnyAttribute;
use leptos::tachys::html::node_ref::NodeRefContainer;
use leptos::tachys::hydration::Cursor;
use leptos::tachys::no_attrs;
use leptos::tachys::view::any_view::AnyViewState;
use leptos::tachys::view::{Mountable, Position, PositionState};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::{Element, Event, HtmlElement};

pub(crate) use child::Child;
pub(crate) use keyed::{Keyed, keyed};
pub(crate) use value::{Flag, Text};

/// What SVG's elements are made of.
const SVG: &str = "http://www.w3.org/2000/svg";

/// An element that is to be. Behind a pointer, since it is handed from one call to the next.
pub(crate) struct Node(Box<Plan>);

struct Plan {
    tag: &'static str,
    is_svg: bool,
    parts: Vec<Part>,
    listeners: Vec<(&'static str, Listen)>,
    refer: Option<Refer>,
    children: Vec<AnyView>,
}

type Refer = Box<dyn FnOnce(&Element) + Send>;
type Listen = Box<dyn FnMut(Event) + Send>;

/// One thing that is set on an element.
enum Part {
    /// Names of classes beside those of other parts.
    Classes(Text),
    /// A class that comes and goes.
    Class(&'static str, Flag),
    Attribute(&'static str, Text),
    Style(&'static str, Text),
}

macro_rules! elements {
    ($($tag:ident),*) => {
        $(
            #[doc = concat!("`<", stringify!($tag), ">`")]
            pub(crate) fn $tag() -> Node {
                Node::new(stringify!($tag), false)
            }
        )*
    };
}

elements!(
    a, bdi, blockquote, button, code, div, em, form, h2, h3, header, hr, i, img, input, p, pre, s, section,
    slot, span, strong, textarea, time
);

/// `<svg>`
pub(crate) fn svg() -> Node {
    Node::new("svg", true)
}

/// `<path>`
pub(crate) fn path() -> Node {
    Node::new("path", true)
}

impl Node {
    #[inline(never)]
    fn new(tag: &'static str, is_svg: bool) -> Self {
        Node(Box::new(Plan {
            tag,
            is_svg,
            parts: Vec::new(),
            listeners: Vec::new(),
            refer: None,
            children: Vec::new(),
        }))
    }

    /// Sets an attribute; it is absent while its value is `None`.
    pub(crate) fn attr(self, name: &'static str, value: impl Into<Text>) -> Self {
        self.with(Part::Attribute(name, value.into()))
    }

    /// Names classes.
    pub(crate) fn class(self, names: impl Into<Text>) -> Self {
        self.with(Part::Classes(names.into()))
    }

    /// Names a class that is there while a condition holds.
    pub(crate) fn class_when(self, name: &'static str, when: impl Into<Flag>) -> Self {
        self.with(Part::Class(name, when.into()))
    }

    /// Sets a property of the element's own style.
    pub(crate) fn style(self, name: &'static str, value: impl Into<Text>) -> Self {
        self.with(Part::Style(name, value.into()))
    }

    #[inline(never)]
    fn with(mut self, part: Part) -> Self {
        self.0.parts.push(part);
        self
    }

    /// Hears of an event.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "an event is a name, given as leptos' builders take it"
    )]
    pub(crate) fn on<E: EventDescriptor>(
        self,
        event: E,
        mut heard: impl FnMut(E::EventType) + Send + 'static,
    ) -> Self
    where
        E::EventType: JsCast,
    {
        match event.name() {
            std::borrow::Cow::Borrowed(name) => {
                self.listen(name, Box::new(move |event: Event| heard(event.unchecked_into())))
            }
            // The browser's own events have names that are known beforehand.
            std::borrow::Cow::Owned(_) => self,
        }
    }

    #[inline(never)]
    fn listen(mut self, name: &'static str, heard: Listen) -> Self {
        self.0.listeners.push((name, heard));
        self
    }

    /// Fills a reference with the element.
    pub(crate) fn node_ref<E: ElementType + 'static>(mut self, node: NodeRef<E>) -> Self
    where
        E::Output: JsCast + 'static,
    {
        self.0.refer = Some(Box::new(move |element| node.load(element)));
        self
    }

    /// Appends children.
    pub(crate) fn child(mut self, child: impl Child) -> Self {
        child.append_to(&mut self.0.children);
        self
    }
}

impl Plan {
    fn is_like(&self, built: &Built) -> bool {
        self.tag == built.tag && self.children.len() == built.children.len()
    }

    /// Sets everything that is not a child on an element which has nothing set.
    fn furnish(&mut self, element: &Element, built: &mut Built) {
        for part in std::mem::take(&mut self.parts) {
            built.effects.extend(part.apply(element, &mut built.names));
        }
        for (name, heard) in std::mem::take(&mut self.listeners) {
            built.listeners.push(Listener::new(element, name, heard));
        }
        if let Some(refer) = self.refer.take() {
            refer(element);
        }
    }

    fn create(&self) -> Element {
        let document = crate::browser::document();
        let created = if self.is_svg {
            document.create_element_ns(Some(SVG), self.tag)
        } else {
            document.create_element(self.tag)
        };
        // It fails only for tags that are none; ours are written above.
        created.unwrap_or_else(|_| JsValue::UNDEFINED.unchecked_into())
    }
}

/// An element that is there, and what keeps it so.
pub(crate) struct Built {
    tag: &'static str,
    element: Element,
    /// The attributes that are set, to be taken away when others are.
    names: Vec<&'static str>,
    effects: Vec<RenderEffect<()>>,
    listeners: Vec<Listener>,
    children: Vec<AnyViewState>,
}

/// Hears of an event until it is dropped.
struct Listener {
    element: Element,
    name: &'static str,
    heard: Closure<dyn FnMut(Event)>,
}

impl Listener {
    fn new(element: &Element, name: &'static str, heard: Listen) -> Self {
        // An event may come while an element is being taken away, when what the view was made of is gone already.
        let heard = Closure::<dyn FnMut(Event)>::new(heard);
        // It fails only for what is no function.
        let _ = element.add_event_listener_with_callback(name, heard.as_ref().unchecked_ref());
        Listener { element: element.clone(), name, heard }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let function = self.heard.as_ref().unchecked_ref();
        let _ = self.element.remove_event_listener_with_callback(self.name, function);
    }
}

impl Part {
    /// Sets it now, and again whenever it changes. `names` is told which attribute it sets.
    fn apply(self, element: &Element, names: &mut Vec<&'static str>) -> Option<RenderEffect<()>> {
        match self {
            Part::Attribute(name, text) => {
                names.push(name);
                follow(element, text, move |element, value, _| {
                    // It fails only for names that are none.
                    let _ = match value {
                        Some(value) => element.set_attribute(name, value),
                        None => element.remove_attribute(name),
                    };
                })
            }
            Part::Classes(text) => {
                names.push("class");
                follow(element, text, |element, value, before| {
                    let classes = element.class_list();
                    for name in before.into_iter().flat_map(str::split_whitespace) {
                        let _ = classes.remove_1(name);
                    }
                    for name in value.into_iter().flat_map(str::split_whitespace) {
                        let _ = classes.add_1(name);
                    }
                })
            }
            Part::Class(name, flag) => {
                names.push("class");
                let set = move |element: &Element, on| {
                    let classes = element.class_list();
                    let _ = if on { classes.add_1(name) } else { classes.remove_1(name) };
                };
                match flag {
                    Flag::Fixed(on) => {
                        set(element, on);
                        None
                    }
                    Flag::Live(on) => {
                        let element = element.clone();
                        Some(RenderEffect::new(move |_| set(&element, on())))
                    }
                }
            }
            Part::Style(name, text) => {
                names.push("style");
                follow(element, text, move |element, value, _| {
                    let style = element.unchecked_ref::<HtmlElement>().style();
                    let _ = match value {
                        Some(value) => style.set_property(name, value),
                        None => style.remove_property(name).map(|_| ()),
                    };
                })
            }
        }
    }
}

/// Writes a text down now, and again whenever it changes; `write` gets what it is and what it was.
fn follow(
    element: &Element,
    text: Text,
    write: impl Fn(&Element, Option<&str>, Option<&str>) + 'static,
) -> Option<RenderEffect<()>> {
    match text {
        Text::Fixed(value) => {
            write(element, value.as_deref(), None);
            None
        }
        Text::Live(read) => {
            let element = element.clone();
            let before = std::cell::RefCell::new(None);
            let is_first = std::cell::Cell::new(true);
            Some(RenderEffect::new(move |_| {
                let value = read();
                let mut before = before.borrow_mut();
                if is_first.replace(false) || value != *before {
                    write(&element, value.as_deref(), before.as_deref());
                    *before = value;
                }
            }))
        }
    }
}

impl Render for Node {
    type State = Built;

    fn build(self) -> Built {
        let Node(mut plan) = self;
        let element = plan.create();
        let mut built = Built {
            tag: plan.tag,
            element: element.clone(),
            names: Vec::new(),
            effects: Vec::new(),
            listeners: Vec::new(),
            children: Vec::new(),
        };
        plan.furnish(&element, &mut built);
        built.children = plan.children.into_iter().map(Render::build).collect();
        for child in &mut built.children {
            child.mount(&element, None);
        }
        built
    }

    /// The element stays where it can, and with it the focus in it.
    fn rebuild(self, built: &mut Built) {
        if !self.0.is_like(built) {
            let mut fresh = self.build();
            built.insert_before_this(&mut fresh);
            built.unmount();
            *built = fresh;
            return;
        }
        built.effects.clear();
        built.listeners.clear();
        let element = built.element.clone();
        for name in built.names.drain(..) {
            let _ = element.remove_attribute(name);
        }
        let Node(mut plan) = self;
        plan.furnish(&element, built);
        for (child, state) in plan.children.into_iter().zip(&mut built.children) {
            child.rebuild(state);
        }
    }
}

impl Mountable for Built {
    fn unmount(&mut self) {
        self.element.remove();
    }

    fn mount(&mut self, parent: &Element, marker: Option<&web_sys::Node>) {
        // It fails only where the marker is no child of the parent.
        let _ = parent.insert_before(&self.element, marker);
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        let Some(parent) = self.element.parent_node() else { return false };
        // A shadow root is no element, and is treated as one for all that is done with a parent.
        child.mount(parent.unchecked_ref(), Some(&self.element));
        true
    }

    fn elements(&self) -> Vec<Element> {
        vec![self.element.clone()]
    }
}

no_attrs!(Node);

/// Views are made in browsers alone: nothing is ever rendered as text or taken over from it.
impl RenderHtml for Node {
    type AsyncOutput = Node;
    type Owned = Node;

    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Node {
        self
    }

    fn to_html_with_buf(self, _: &mut String, _: &mut Position, _: bool, _: bool, _: Vec<AnyAttribute>) {}

    fn hydrate<const FROM_SERVER: bool>(self, _: &Cursor, _: &PositionState) -> Built {
        self.build()
    }

    fn into_owned(self) -> Node {
        self
    }
}
