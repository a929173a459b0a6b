//! The commands of a file or of standard input.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};

use super::audience::Audience;
use super::commands::{Answered, Commands, Task};
use super::outlet::Outlet;
use super::turn::Turn;
use crate::lines::{self, Line, Lines, Source};

/// What the thread that carries out the commands waits for.
pub(super) enum Input {
    Line(Line),
    End,
    Unreadable(io::Error),
    /// There may be more, but it is not waited for.
    Stop,
}

/// Carries out the commands of a file or of standard input, one after the other.
pub(super) struct Console<'a> {
    commands: &'a Commands<'a>,
    outlet: Arc<Outlet>,
    turn: Turn<'a>,
    /// Whether a line without a line end is taken for a part of one.
    may_be_torn: bool,
    /// Whether any command has failed.
    failed: bool,
}

impl<'a> Console<'a> {
    /// It tells nobody anything before its first command.
    pub(super) fn new(
        commands: &'a Commands<'a>,
        audience: &'a Audience,
        outlet: Arc<Outlet>,
        may_be_torn: bool,
    ) -> Self {
        let mut turn = Turn::taken(audience);
        turn.take().add(Arc::clone(&outlet));
        Self { commands, outlet, turn, may_be_torn, failed: false }
    }

    /// Carries out what comes until it ends. Whether all went well.
    pub(super) fn carry_out(mut self, inbox: &Receiver<Input>) -> bool {
        loop {
            let at_hand = inbox.try_recv().ok();
            let input = at_hand.or_else(|| {
                self.turn.give_up();
                inbox.recv().ok()
            });
            match input {
                _ if self.commands.stop.is_stopped() => break,
                Some(Input::Line(line)) => self.line(&line),
                Some(Input::Unreadable(error)) => {
                    self.answer(&("session".into(), Err(lines::unreadable(&error))));
                    break;
                }
                Some(Input::End | Input::Stop) | None => break,
            }
        }
        !self.failed
    }

    fn line(&mut self, line: &Line) {
        let task = match Task::read(line, self.may_be_torn) {
            Ok(Some(task)) => task,
            Ok(None) => return,
            Err(answered) => return self.answer(&answered),
        };
        let (name, at_once) = (task.name().to_owned(), task.is_at_once());
        if !at_once {
            self.turn.give_up();
        }
        let outcome = self.commands.carry_out(task, &self.outlet);
        if !at_once {
            // What came before the answer is told before it.
            self.turn.take().tell_arrived();
        }
        self.answer(&(name, outcome));
    }

    fn answer(&mut self, (name, outcome): &Answered) {
        self.failed |= outcome.is_err();
        // It is its turn to tell.
        self.turn.take();
        self.outlet.answer(name, outcome);
        if self.outlet.is_full() {
            self.turn.give_up();
            self.outlet.wait_for_room();
        }
    }
}

/// Reads the commands until nobody wants them any more.
pub(super) fn read(source: Source, inputs: &SyncSender<Input>) {
    let mut lines = Lines::new(source);
    loop {
        let input = match lines.next() {
            Ok(Some(line)) => Input::Line(line),
            Ok(None) => Input::End,
            Err(error) => Input::Unreadable(error),
        };
        let more = matches!(input, Input::Line(_));
        if inputs.send(input).is_err() || !more {
            return;
        }
    }
}
