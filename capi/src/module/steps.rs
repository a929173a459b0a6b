//! A flow without its type, as [`Ask`](super::ask::Ask) is a command without its own.

use m26_pay::flows::{Context, Flow, Input, Step};

use crate::failure::Failure;

/// A flow that keeps its output.
pub(crate) trait Steps {
    fn step(&mut self, cx: &Context<'_>, input: Input) -> Step<()>;
}

/// A flow, and its output once it is over.
pub(crate) struct Ran<F: Flow> {
    flow: F,
    output: Option<F::Output>,
}

impl<F: Flow> Ran<F> {
    pub(crate) fn new(flow: F) -> Self {
        Self { flow, output: None }
    }

    /// The output of a flow that has ended.
    pub(crate) fn output(self) -> Result<F::Output, Failure> {
        self.output.ok_or_else(Failure::panicked)
    }
}

impl<F: Flow> Steps for Ran<F> {
    fn step(&mut self, cx: &Context<'_>, input: Input) -> Step<()> {
        match self.flow.step(cx, input) {
            Step::Send(request) => Step::Send(request),
            Step::Wait(time) => Step::Wait(time),
            Step::Report(progress) => Step::Report(progress),
            Step::Done(output) => {
                self.output = Some(output);
                Step::Done(())
            }
        }
    }
}

impl Flow for &mut (dyn Steps + '_) {
    type Output = ();

    fn step(&mut self, cx: &Context<'_>, input: Input) -> Step<()> {
        (**self).step(cx, input)
    }
}
