//! Rights as types, so that a handle has only the methods its right allows.

use passerelle_model::Rights;

mod sealed {
    pub trait Sealed {}
}

/// A right, as a type. Sealed: the list below is the whole list.
pub trait Right: sealed::Sealed + Send + Sync + 'static {
    /// What the decision must find.
    const NEEDS: Rights;
}

/// `Self` suffices where `Less` is asked for.
pub trait Allows<Less>: Right {}

macro_rules! rights {
    ($($(#[$doc:meta])* $name:ident = $mask:ident allows $($less:ident),+;)+) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $name {}
        impl sealed::Sealed for $name {}
        impl Right for $name {
            const NEEDS: Rights = Rights::$mask;
        }
        $(impl Allows<$less> for $name {})+
    )+};
}

rights! {
    /// See that it exists.
    Lookup = LOOKUP allows Lookup;
    /// See when somebody is busy, and not why.
    FreeBusy = FREEBUSY allows FreeBusy;
    /// Read it.
    Read = READ allows Lookup, FreeBusy, Read;
    /// Put something new in.
    Add = ADD allows Lookup, Add;
    /// Change what is there.
    Edit = EDIT allows Lookup, FreeBusy, Read, Edit;
    /// Take it away.
    Remove = REMOVE allows Lookup, Remove;
    /// Send mail in the owner's name. No other right has it, and it has no other.
    SendAs = SEND_AS allows SendAs;
    /// All of that but sending, and give rights to others.
    Manage = MANAGE allows Lookup, FreeBusy, Read, Add, Edit, Remove, Manage;
}
