//! How much of somebody's may be under way at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use protocol::BareJid;

/// So many places for each. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Places {
    per_person: usize,
    taken: Arc<Mutex<HashMap<BareJid, usize>>>,
}

/// A person's place; given back when dropped.
#[derive(Debug)]
pub struct Place {
    places: Places,
    jid: BareJid,
}

impl Places {
    /// So many for each.
    pub fn new(per_person: usize) -> Self {
        Places { per_person, taken: Arc::default() }
    }

    /// None if all of theirs are taken.
    pub fn take(&self, jid: &BareJid) -> Option<Place> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.entry(jid.clone()).or_insert(0);
        if *count >= self.per_person {
            return None;
        }
        *count += 1;
        Some(Place { places: self.clone(), jid: jid.clone() })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.jid) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.jid);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_so_many_at_once() {
        let places = Places::new(2);
        let (juliet, romeo) = ("juliet@spark.test".parse().unwrap(), "romeo@spark.test".parse().unwrap());
        let (first, second) = (places.take(&juliet), places.take(&juliet));
        assert!(first.is_some() && second.is_some() && places.take(&juliet).is_none());
        assert!(places.take(&romeo).is_some());
        drop(first);
        assert!(places.take(&juliet).is_some());
        drop(second);
        assert_eq!(places.taken.lock().unwrap().len(), 0, "who has none is forgotten");
    }
}
