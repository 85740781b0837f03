//! Limits, with time as an argument.

use super::*;

const HERE: &str = "2001:db8::1";
const THERE: &str = "192.0.2.1";

fn jid(name: &str) -> BareJid {
    format!("{name}@spark.test").parse().unwrap()
}

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// A try that fails, if there may be one: else the seconds to wait.
fn guess(limits: &Limits, now_ms: i64, name: &str, from: IpAddr) -> Result<(), u32> {
    match limits.begin(now_ms, &jid(name), from) {
        Begun::Try(one) => {
            one.failed(now_ms);
            Ok(())
        }
        Begun::Refused(TooManyTries(standing)) => Err(standing.more_in_secs),
        Begun::Wait(_) => panic!("none is under way"),
    }
}

/// Whether there may be a try, without making it.
fn wait(limits: &Limits, now_ms: i64, name: &str, from: IpAddr) -> Result<(), u32> {
    let standing = limits.standing(now_ms, &jid(name), from);
    if standing.left > 0 { Ok(()) } else { Err(standing.more_in_secs) }
}

#[test]
fn pauses_grow_with_failures_and_pass() {
    let limits = Limits::default();
    let (here, near, there) = (address(HERE), address("2001:db8::2"), address(THERE));
    for _ in 0..6 {
        assert_eq!(guess(&limits, 0, "juliet", here), Ok(()));
    }
    assert_eq!(guess(&limits, 0, "juliet", here), Err(2));
    assert_eq!(wait(&limits, 0, "juliet", near), Err(2), "the same line");
    assert_eq!(wait(&limits, 0, "juliet", there), Ok(()), "from elsewhere she may");
    assert_eq!(wait(&limits, 0, "romeo", here), Ok(()), "and others from here");
    assert_eq!(wait(&limits, 1999, "juliet", here), Err(1));
    for (at, pause) in [(2000, 4), (6000, 8), (14_000, 16), (30_000, 32), (62_000, 60), (122_000, 60)] {
        assert_eq!(guess(&limits, at, "juliet", here), Ok(()), "{at}");
        assert_eq!(wait(&limits, at, "juliet", here), Err(pause), "{at}");
    }
    limits.sweep(122_000 + tally::FORGET_MS + 1);
    assert_eq!(limits.standing(122_000 + tally::FORGET_MS + 1, &jid("juliet"), here).left, 6);
    limits.sweep(122_000 + STRANGE_MS + 1);
    assert!(limits.lock().is_empty());
}

#[test]
fn an_address_is_one_however_it_is_written() {
    let limits = Limits::default();
    for _ in 0..6 {
        guess(&limits, 0, "juliet", address("::ffff:192.0.2.1")).unwrap();
    }
    assert_eq!(wait(&limits, 0, "juliet", address(THERE)), Err(2));
}

#[test]
fn whoever_tries_is_told_what_is_left() {
    let limits = Limits::default();
    let here = address(THERE);
    let stands = |now, name| {
        let Standing { policy, left, more_in_secs, .. } = limits.standing(now, &jid(name), here);
        (policy, left, more_in_secs)
    };
    assert_eq!(stands(0, "juliet"), (Policy::Pair, 6, 900));
    limits.failed(0, &jid("juliet"), here);
    assert_eq!(stands(0, "juliet"), (Policy::Pair, 5, 900));
    assert_eq!(stands(60_000, "juliet"), (Policy::Pair, 5, 840));
    for _ in 0..5 {
        limits.failed(60_000, &jid("juliet"), here);
    }
    assert_eq!(stands(60_000, "juliet"), (Policy::Pair, 0, 2));
    assert_eq!(stands(60_001, "juliet"), (Policy::Pair, 0, 2));
    assert_eq!(stands(62_000, "juliet"), (Policy::Pair, 1, 898), "one more when the pause is over");
    assert_eq!(stands(62_000, "nurse"), (Policy::Pair, 6, 900));
    let later = 60_000 + tally::FORGET_MS + 1;
    assert_eq!(stands(later, "juliet"), (Policy::Pair, 6, 900), "long past");
    for count in 0..42 {
        limits.failed(62_000, &jid(&format!("guess-{count}")), here);
    }
    assert_eq!(stands(62_000, "nurse"), (Policy::Address, 3, 900), "the whole line is slowed down soon");
}

/// As many as may fail are under way at once, and the others hear when it is known how those ended.
#[tokio::test]
async fn many_at_once_are_no_way_around() {
    let limits = Limits::default();
    let here = address(HERE);
    let begin = |name: &str| limits.begin(0, &jid(name), here);
    let under_way = |name: &str| match begin(name) {
        Begun::Try(one) => one,
        other => panic!("{other:?}"),
    };
    let mut six: Vec<Try<'_>> = (0..6).map(|_| under_way("juliet")).collect();
    let Begun::Wait(freed) = begin("juliet") else { panic!("a seventh may begin") };
    let Begun::Wait(other) = begin("juliet") else { panic!("an eighth may begin") };
    six.pop().unwrap().excused();
    freed.await;
    six.push(under_way("juliet"));
    assert!(matches!(begin("juliet"), Begun::Wait(_)));
    for one in six {
        one.failed(0);
    }
    other.await;
    assert!(matches!(begin("juliet"), Begun::Refused(_)));

    // Of names, the address has some more.
    let limits = Limits::default();
    let begin = |count: usize| limits.begin(0, &jid(&format!("name-{count}")), here);
    let many: Vec<Begun<'_>> = (0..51).map(begin).collect();
    assert!(many.iter().all(|begun| matches!(begun, Begun::Try(_))));
    let Begun::Wait(freed) = begin(51) else { panic!("one more may begin") };
    // Whoever hangs up has tried.
    drop(many);
    freed.await;
    assert!(matches!(begin(51), Begun::Refused(_)));
}

#[test]
fn whoever_comes_in_begins_anew_from_where_they_are() {
    let limits = Limits::default();
    let (here, there) = (address(HERE), address(THERE));
    for _ in 0..5 {
        guess(&limits, 0, "juliet", here).unwrap();
    }
    match limits.begin(0, &jid("juliet"), here) {
        Begun::Try(one) => one.succeeded(0),
        other => panic!("{other:?}"),
    }
    assert_eq!(limits.standing(0, &jid("juliet"), here).left, 6);
    // A stranger guesses from everywhere, from beside her too.
    for count in 0..200 {
        limits.failed(0, &jid("juliet"), IpAddr::from([198, 51, 100, count]));
        limits.failed(0, &jid("romeo"), here);
    }
    assert_eq!(wait(&limits, 0, "juliet", here), Ok(()), "what others do is nothing to her here");
    assert_eq!(wait(&limits, 0, "juliet", there), Err(5), "and little anywhere else");
    assert_eq!(wait(&limits, 0, "juliet", address("198.51.100.7")), Err(60));
    assert_eq!(wait(&limits, 0, "nurse", here), Err(60), "the line is slow for others");
    // Her own failures are counted.
    for _ in 0..6 {
        guess(&limits, 0, "juliet", here).unwrap();
    }
    assert_eq!(wait(&limits, 0, "juliet", here), Err(2));
    limits.sweep(FAMILIAR_MS);
    assert_eq!(limits.standing(FAMILIAR_MS, &jid("juliet"), here).left, 6);
    limits.sweep(FAMILIAR_MS + 1);
    assert!(limits.lock().is_empty());
}

/// Hours of guessing at one name from so many addresses, each as often as it may, and always a moment before the owner: how
/// many guesses reach the XMPP server, and for how many seconds at a stretch the owner may not try from anywhere new.
fn besieged(hours: u32, addresses: u32) -> (u32, u32) {
    let limits = Limits::default();
    let (mut guesses, mut stretch, mut longest) = (0, 0, 0);
    let somewhere_new = address(THERE);
    for second in 0..hours * 3600 {
        let now_ms = i64::from(second) * 1000;
        for at in 0..addresses {
            let from = IpAddr::from((0x0a00_0000 + at).to_be_bytes());
            guesses += u32::from(guess(&limits, now_ms, "juliet", from).is_ok());
        }
        stretch = if wait(&limits, now_ms, "juliet", somewhere_new).is_ok() { 0 } else { stretch + 1 };
        longest = longest.max(stretch);
        if second % 60 == 0 {
            limits.sweep(now_ms);
        }
    }
    (guesses, longest)
}

#[test]
fn a_name_that_is_guessed_at_is_slow_for_its_owner_and_no_more() {
    assert_eq!(besieged(24, 1), (1449, 5), "one at a time, a minute apart");
    assert_eq!(besieged(24, 20), (1464, 11));
    // Each address that is new to the name has a try with a pause as short as the owner's.
    assert_eq!(besieged(6, 100), (455, 406));
}

/// Whether somebody may register, which counts whatever comes of it: else the seconds to wait.
fn register(limits: &Limits, now_ms: i64, from: IpAddr) -> Result<(), u32> {
    match limits.begin_to_register(now_ms, from) {
        Begun::Try(one) => {
            one.failed(now_ms);
            Ok(())
        }
        Begun::Refused(TooManyTries(standing)) => Err(standing.more_in_secs),
        Begun::Wait(_) => panic!("none is under way"),
    }
}

#[test]
fn nobody_walks_a_list_of_names_by_registering() {
    let limits = Limits::default();
    let here = address(HERE);
    for _ in 0..6 {
        assert_eq!(register(&limits, 0, here), Ok(()));
    }
    assert_eq!(register(&limits, 0, address("2001:db8::2")), Err(2), "the same line");
    assert_eq!(register(&limits, 0, address(THERE)), Ok(()), "from elsewhere somebody may");
    assert_eq!(limits.standing_to_register(0, here).policy, Policy::Registration);
    // Passwords are another matter, until there were too many of both.
    assert_eq!(wait(&limits, 0, "juliet", here), Ok(()));
    for count in 0..45 {
        limits.failed(0, &jid(&format!("guess-{count}")), here);
    }
    assert_eq!(wait(&limits, 0, "juliet", here), Err(2), "each counts for the address");
    let limits = Limits::default();
    for count in 0..51 {
        limits.failed(0, &jid(&format!("guess-{count}")), here);
    }
    assert_eq!(register(&limits, 0, here), Err(2));
    let day =
        |limits: &Limits| (0..86_400).filter(|second| register(limits, second * 1000, here).is_ok()).count();
    assert_eq!(day(&Limits::default()), 157, "all day long");
}
