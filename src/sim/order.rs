//! [`Order`]: what a script, a test or a person can order the simulator to do.

use std::time::Duration;

/// An order to the simulated line: to the module, or to a fault in front of it.
///
/// [`script`](super::script) reads these from text; its documentation lists the words.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Order {
    /// From now on the module answers this command with this text and OK, or with the error that the
    /// text is. It goes before what the module knows.
    Answer {
        /// The command, such as `AT+QTEMP?`. Without arguments it stands for any, but not for the
        /// forms `?` and `=?`.
        command: String,
        /// The text; empty for OK alone.
        text: String,
    },
    /// Ends all random damage and all silence. Late and missing answers that were ordered stay.
    Calm,
    /// Changes each byte towards the host with this probability.
    Corrupt(f64),
    /// Changes each byte towards the module with this probability.
    CorruptInput(f64),
    /// Delays each chunk towards the host with this probability.
    Delay {
        /// The probability.
        chance: f64,
        /// The longest delay; the actual ones are spread evenly below it.
        up_to: Duration,
    },
    /// Loses each byte towards the host with this probability.
    Drop(f64),
    /// Loses each byte towards the module with this probability.
    DropInput(f64),
    /// Sends each byte towards the host twice with this probability.
    Duplicate(f64),
    /// Cuts the line for this long. The module knows nothing of it and goes on.
    HangUp(Duration),
    /// Holds the next final result back for this long.
    LateFinal(Duration),
    /// Holds the next line that begins with a prefix back for some time.
    LateResult {
        /// What the line begins with, such as `+ALIPAYSIGN`.
        prefix: String,
        /// How long it is held.
        by: Duration,
    },
    /// Swallows the next final result.
    MissingFinal,
    /// Swallows the next line that begins with this prefix.
    MissingResult(String),
    /// Switches the module off, without a line.
    PowerOff,
    /// Switches the module on, if it is off.
    PowerOn,
    /// The report queue takes records again.
    QueueFree,
    /// The report queue refuses every record as full (code 6).
    QueueFull,
    /// Sends these bytes to the host as they are.
    Raw(Vec<u8>),
    /// The module refuses the next command with this CME error.
    Refuse(u16),
    /// Registration with the network changes.
    Registration(NetworkState),
    /// The module resets by itself, whatever it is doing.
    Reset,
    /// The next result with this prefix carries this code.
    Result {
        /// The result's prefix, such as `+ALIPAYREP`.
        prefix: String,
        /// The code.
        code: i32,
    },
    /// The signal strength as AT+CSQ tells it: 0 to 31, or 99 for unknown.
    Signal(u8),
    /// Loses everything in both directions for this long.
    Silent(Duration),
    /// The SIM card's state changes.
    Sim(CardState),
    /// Cuts each chunk towards the host in pieces with this probability.
    Split(f64),
    /// Sends an unsolicited line, with its line ends around it.
    Urc(String),
    /// Puts an unsolicited line in front of a chunk with this probability.
    Urcs {
        /// The probability.
        chance: f64,
        /// The line.
        text: String,
    },
}

/// Registration with the network: the `<stat>` of TS 27.007, 7.2.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum NetworkState {
    /// 0: not registered, not searching.
    Lost,
    /// 1: registered, home network.
    Home,
    /// 2: not registered, searching.
    Searching,
    /// 3: registration denied.
    Denied,
    /// 4: unknown.
    Unknown,
    /// 5: registered, roaming.
    Roaming,
}

impl NetworkState {
    /// The number on the wire.
    pub fn stat(self) -> u8 {
        match self {
            Self::Lost => 0,
            Self::Home => 1,
            Self::Searching => 2,
            Self::Denied => 3,
            Self::Unknown => 4,
            Self::Roaming => 5,
        }
    }

    /// Whether the module can reach the cloud.
    pub fn is_registered(self) -> bool {
        matches!(self, Self::Home | Self::Roaming)
    }
}

/// The state of the SIM card, as AT+CPIN? tells it (TS 27.007, 8.3).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum CardState {
    /// No card.
    Missing,
    /// The card waits for its PIN.
    Pin,
    /// The card is blocked and waits for its PUK.
    Puk,
    /// The card is ready.
    Ready,
}
