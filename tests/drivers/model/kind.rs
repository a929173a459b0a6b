//! The kinds of faults, which of them no driver can see.

/// What a run is done with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// A plain client, several commands at once.
    Client,
    /// A session, one command after the other.
    Session,
}

/// One kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The program dies at any time, and another one takes its place.
    Dies,
    /// Echo never comes.
    EchoOff,
    /// Echo comes in pieces, some of them damaged.
    EchoTorn,
    /// An adapter echoes too.
    EchoTwice,
    /// Every final result comes twice.
    FinalTwice,
    /// A byte towards the host is changed.
    FlippedToHost,
    /// A byte towards the module is changed.
    FlippedToModule,
    /// The module does nothing for seconds, and then everything.
    Hang,
    /// The adapter is pulled out and put back; the program goes on.
    HangUp,
    /// A result comes up to a minute late.
    LateResult,
    /// A result line comes again, at once or after some time, before the module has heard the next
    /// command of its kind.
    LineTwice,
    /// A result line comes again after the module has heard the next command of its kind.
    LineTwiceLater,
    /// A final result is lost.
    LostFinal,
    /// A result is lost.
    LostResult,
    /// A byte towards the host is lost.
    LostToHost,
    /// A byte towards the module is lost.
    LostToModule,
    /// A second OK stands behind a result.
    OkOnBothSides,
    /// The module resets by itself.
    Reset,
    /// What arrives after five seconds of quiet loses its first bytes.
    Sleeper,
    /// A message brings text of others.
    Stranger,
}

impl Kind {
    pub const ALL: [Self; 20] = [
        Self::Dies,
        Self::EchoOff,
        Self::EchoTorn,
        Self::EchoTwice,
        Self::FinalTwice,
        Self::FlippedToHost,
        Self::FlippedToModule,
        Self::Hang,
        Self::HangUp,
        Self::LateResult,
        Self::LineTwice,
        Self::LineTwiceLater,
        Self::LostFinal,
        Self::LostResult,
        Self::LostToHost,
        Self::LostToModule,
        Self::OkOnBothSides,
        Self::Reset,
        Self::Sleeper,
        Self::Stranger,
    ];

    /// By its name, as a failing seed prints it.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| format!("{kind:?}") == name)
    }

    /// Why a run leaves the kind out, if it does.
    pub fn is_off(self) -> Option<&'static str> {
        UNSEEN.iter().find(|(kind, _)| *kind == self).map(|(_, reason)| *reason)
    }

    fn harms_input(self) -> bool {
        matches!(self, Self::FlippedToModule | Self::LostToModule | Self::Sleeper)
    }

    fn harms_output(self) -> bool {
        matches!(self, Self::EchoTorn | Self::FlippedToHost | Self::LostToHost)
    }
}

/// The kinds of a seed: half of the seeds have one, the others up to four.
pub fn of_seed(rng: &mut fastrand::Rng, all: bool) -> Vec<Kind> {
    let count = if rng.bool() { 1 } else { rng.usize(2..5) };
    let mut kinds: Vec<Kind> = Vec::new();
    for _ in 0..count {
        let kind = Kind::ALL[rng.usize(..Kind::ALL.len())];
        let off = !all && kind.is_off().is_some();
        let together = |other: &Kind| !blind(kind, *other);
        if !off && !kinds.contains(&kind) && kinds.iter().all(together) {
            kinds.push(kind);
        }
    }
    kinds
}

/// Whether two kinds together cannot be told from a healthy line by any driver: the module hears
/// another number than was sent, and the only thing that would tell, the module's echo, does not
/// come, or was changed back on its way.
fn blind(one: Kind, other: Kind) -> bool {
    let unseen = |kind: Kind| kind == Kind::EchoOff || kind.harms_output();
    one.harms_input() && unseen(other) || other.harms_input() && unseen(one)
}

/// What cannot be told from a healthy line by any driver, with the reason.
const UNSEEN: &[(Kind, &str)] = &[(
    Kind::LineTwiceLater,
    "the copy of a result that comes behind the OK of the next command is, byte for byte and in its \
     place, that command's result; what is known to say a line twice, a module or an adapter, says \
     both before it goes on to the next command",
)];
