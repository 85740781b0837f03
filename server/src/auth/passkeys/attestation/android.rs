//! What Android's key store writes of a key into its certificate (`KeyDescription`; WebAuthn Level 3, section 8.4). What it says
//! the library looks at, as far as it can read; here it is seen to that it can read all of it.

use std::collections::HashSet;

/// What comes first in a value in DER: its class and whether it is made of others, and its number (X.690 section 8.1.2).
const FORM: u8 = 0xe0;
const SEQUENCE: u8 = 0x30;
/// What the field of a list is: of the list's own numbers, and made of one value.
const FIELD: u8 = 0xa0;
/// The number is in the bytes behind, seven bits in each, of which the last has this bit not.
const LONG: u8 = 0x1f;
const MORE: u8 = 0x80;

/// A description: version and level of the attestation, the same of the store, the challenge, a name, and two lists of what
/// holds for the key, of software and of hardware.
const MEMBERS: usize = 8;
const LISTS: std::ops::Range<usize> = 6..8;

struct Item<'a> {
    form: u8,
    number: u32,
    content: &'a [u8],
}

/// Whether it is one to its end, in whose lists nothing is twice.
pub(super) fn is_description(bytes: &[u8]) -> bool {
    sequence(bytes).is_some_and(|members| {
        members.len() == MEMBERS
            && members[LISTS].iter().all(|list| is_sequence(list) && is_list(list.content))
    })
}

fn is_list(bytes: &[u8]) -> bool {
    let Some(fields) = items(bytes) else { return false };
    let mut numbers = HashSet::new();
    let is_field = |field: &Item<'_>| {
        field.form == FIELD && items(field.content).is_some_and(|inside| inside.len() == 1)
    };
    fields.iter().all(|field| is_field(field) && numbers.insert(field.number))
}

fn is_sequence(item: &Item<'_>) -> bool {
    item.form | u8::try_from(item.number).unwrap_or(LONG) == SEQUENCE
}

/// What one sequence, with nothing behind it, is made of.
fn sequence(bytes: &[u8]) -> Option<Vec<Item<'_>>> {
    let all = items(bytes)?;
    let [one] = all.as_slice() else { return None };
    items(one.content).filter(|_| is_sequence(one))
}

/// Values one behind the other, to the end.
fn items(mut bytes: &[u8]) -> Option<Vec<Item<'_>>> {
    let mut all = Vec::new();
    while !bytes.is_empty() {
        let (item, behind) = first(bytes)?;
        all.push(item);
        bytes = behind;
    }
    Some(all)
}

fn first(bytes: &[u8]) -> Option<(Item<'_>, &[u8])> {
    let (head, mut rest) = bytes.split_first()?;
    let mut number = u32::from(head & LONG);
    if head & LONG == LONG {
        number = 0;
        loop {
            let byte;
            (byte, rest) = rest.split_first()?;
            let is_padding = number == 0 && *byte == MORE;
            if is_padding || number >> (u32::BITS - 7) != 0 {
                return None;
            }
            number = number << 7 | u32::from(byte & !MORE);
            if byte & MORE == 0 {
                break;
            }
        }
        // It had been short enough for the first byte.
        if number < u32::from(LONG) {
            return None;
        }
    }
    let (length, rest) = length(rest)?;
    let (content, behind) = rest.split_at_checked(length)?;
    Some((Item { form: head & FORM, number, content }, behind))
}

/// X.690 section 10.1: as short as can be.
fn length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    match *bytes {
        [length @ 0..=0x7f, ref rest @ ..] => Some((length.into(), rest)),
        [0x81, length @ 0x80..=0xff, ref rest @ ..] => Some((length.into(), rest)),
        [0x82, high @ 1..=0xff, low, ref rest @ ..] => Some((u16::from_be_bytes([high, low]).into(), rest)),
        _ => None,
    }
}
