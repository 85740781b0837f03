//! IndexedDB, as a table of strings by string: what must outlive the page and may be large.

use std::cell::RefCell;
use std::rc::Rc;

use futures_channel::oneshot;
use js_sys::{Function, JsString};
use wasm_bindgen::prelude::*;
use web_sys::{
    IdbDatabase, IdbFactory, IdbObjectStore, IdbOpenDbRequest, IdbRequest, IdbTransaction, IdbTransactionMode,
};

const TABLE: &str = "items";

/// A table of strings by string, shared by all tabs of an origin.
#[derive(Clone)]
pub(crate) struct Database(IdbDatabase);

impl Database {
    /// Opens it, making it if need be; `None` where the browser has none to give.
    pub(crate) async fn open(name: &str) -> Option<Self> {
        let factory: IdbFactory = super::property(&super::global(), "indexedDB")?.dyn_into().ok()?;
        let request: IdbOpenDbRequest = factory.open_with_u32(name, 1).ok()?;
        let make_table = Handler::new(move |event| {
            let database = event
                .target()
                .and_then(|target| target.dyn_into::<IdbRequest>().ok())
                .and_then(|request| request.result().ok())
                .and_then(|result| result.dyn_into::<IdbDatabase>().ok());
            if let Some(database) = database {
                // Fails if the table is there, which is what is wanted.
                let _ = database.create_object_store(TABLE);
            }
        });
        request.set_onupgradeneeded(Some(make_table.function()));
        let database = answer(&request).await;
        request.set_onupgradeneeded(None);
        database?.dyn_into().ok().map(Database)
    }

    /// Every value, by key.
    pub(crate) async fn values(&self) -> Vec<String> {
        let Some((_, table)) = self.table(IdbTransactionMode::Readonly) else { return Vec::new() };
        let Ok(request) = table.get_all() else { return Vec::new() };
        let Some(values) = answer(&request).await else { return Vec::new() };
        js_sys::Array::from(&values).iter().filter_map(|value| value.as_string()).collect()
    }

    /// Puts a value in place of whatever the key had. Says whether it is kept.
    pub(crate) async fn put(&self, key: &str, value: &str) -> bool {
        let Some((_, table)) = self.table(IdbTransactionMode::Readwrite) else { return false };
        let key: JsValue = JsString::from(key).into();
        match table.put_with_key(&JsValue::from_str(value), &key) {
            Ok(request) => answer(&request).await.is_some(),
            Err(_) => false,
        }
    }

    /// Removes a key and its value.
    pub(crate) async fn remove(&self, key: &str) {
        let Some((_, table)) = self.table(IdbTransactionMode::Readwrite) else { return };
        if let Ok(request) = table.delete(&JsValue::from_str(key)) {
            let _ = answer(&request).await;
        }
    }

    fn table(&self, mode: IdbTransactionMode) -> Option<(IdbTransaction, IdbObjectStore)> {
        let transaction = self.0.transaction_with_str_and_mode(TABLE, mode).ok()?;
        let table = transaction.object_store(TABLE).ok()?;
        Some((transaction, table))
    }
}

/// Waits for the answer to a request; `None` if it failed.
async fn answer(request: &IdbRequest) -> Option<JsValue> {
    let (sender, receiver) = oneshot::channel();
    let sender = std::cell::Cell::new(Some(sender));
    let on_event = Handler::new(move |event| {
        if let Some(sender) = sender.take() {
            // Whoever waits no longer needs no answer.
            let _ = sender.send(event.type_() == "success");
        }
    });
    request.set_onsuccess(Some(on_event.function()));
    request.set_onerror(Some(on_event.function()));
    let succeeded = receiver.await.unwrap_or(false);
    if succeeded { request.result().ok() } else { None }
}

/// A function that the browser may call for as long as it likes: after this is dropped, to no effect.
///
/// A request goes on when whoever made it is gone, and calling a closure that was freed is an error on the page.
struct Handler {
    function: Function,
    act: Rc<RefCell<Option<Act>>>,
}

type Act = Box<dyn FnMut(web_sys::Event)>;

impl Handler {
    fn new(act: impl FnMut(web_sys::Event) + 'static) -> Self {
        let act: Rc<RefCell<Option<Act>>> = Rc::new(RefCell::new(Some(Box::new(act))));
        let shared = Rc::clone(&act);
        // Handed to the collector of JavaScript's garbage, which frees it with the request.
        let function = Closure::<dyn FnMut(web_sys::Event)>::new(move |event| {
            if let Some(act) = &mut *shared.borrow_mut() {
                act(event);
            }
        });
        Handler { function: function.into_js_value().unchecked_into(), act }
    }

    fn function(&self) -> &Function {
        &self.function
    }
}

impl Drop for Handler {
    fn drop(&mut self) {
        drop(self.act.take());
    }
}
