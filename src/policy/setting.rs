//! How a key's value is reached in the effective policy, and which way is stricter.

use super::datum::Datum;
use super::{Policy, SetBy, Value};
use crate::finding::GuardId;

/// Which way a repository may move what its organisation set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Stricter {
    /// The later word of the choice, the greater number, `true`.
    Higher,
    /// The earlier word, the smaller number.
    Lower,
    /// The smaller number; 0 means "never" and is the weakest.
    Sooner,
    /// A list of what is allowed: may only shrink.
    Narrower,
    /// A list of what is asked: entries are added to it.
    Wider,
    /// As `Wider`, and an empty list asks for everything.
    WiderOrAll,
    /// Says whom to trust: is the organisation's once it names anybody.
    Trust,
}

/// How a key's value is reached and merged.
#[derive(Debug)]
pub(super) struct Setting {
    /// Which way is stricter.
    pub(super) stricter: Stricter,
    /// Whether an organisation's policy guards it even where it does not mention the key, because a weaker
    /// value would undo the rest.
    pub(super) always: bool,
    /// The value; `None` where nothing is asked.
    pub(super) get: fn(&Policy, GuardId) -> Option<Value<Datum>>,
    /// Puts a value of the key's kind there; a datum of another kind changes nothing.
    pub(super) set: fn(&mut Policy, GuardId, Datum, SetBy),
}

/// A [`Setting`] on a field: how the field becomes a [`Datum`], and how a datum becomes the field.
macro_rules! setting {
    ($stricter:ident, always: $always:literal, $field:ident = $($path:ident).+,
     $value:pat => $to:expr, $datum:pat => $from:expr) => {
        Some(Setting {
            stricter: Stricter::$stricter,
            always: $always,
            get: |policy, _| {
                let $field = &policy.$($path).+;
                let $value = &$field.value;
                Some(Value::new($to, $field.by))
            },
            set: |policy, _, datum, by| {
                if let $datum = datum && let Some(value) = $from {
                    policy.$($path).+ = Value::new(value, by);
                }
            },
        })
    };
}

/// As `setting!`, on a field that may be absent.
macro_rules! optional {
    ($stricter:ident, $($path:ident).+, $variant:ident) => {
        Some(Setting {
            stricter: Stricter::$stricter,
            always: false,
            get: |policy, _| {
                policy.$($path).+.as_ref().map(|v| Value::new(Datum::$variant(v.value.clone()), v.by))
            },
            set: |policy, _, datum, by| {
                if let Datum::$variant(value) = datum {
                    policy.$($path).+ = Some(Value::new(value, by));
                }
            },
        })
    };
}

/// As `setting!`, on a field of the section that all guards have.
macro_rules! common {
    ($stricter:ident, $common:ident => $get:expr, $datum:pat, $by:ident => $set:expr) => {
        Some(Setting {
            stricter: Stricter::$stricter,
            always: true,
            get: |policy, guard| policy.common(guard).map(|$common: &GuardPolicy| $get),
            set: |policy, guard, datum, $by| {
                if let $datum = datum
                    && let Some($common) = policy.common_mut(guard)
                {
                    $set;
                }
            },
        })
    };
}

pub(super) use {common, optional, setting};
