//! What general clients set up and ask: verbs around those of a payment.

use m26_pay::sim::modem::{Modem, ModemSettings};
use m26_pay::sim::{CardState, NetworkState, Order};
use support::sim_line::{Line, opened, quiet, secs};

const OK: &str = "\r\nOK\r\n";

fn module() -> Line<Modem> {
    Line::new(Modem::new(quiet()))
}

/// An information text and OK.
fn text(text: &str) -> String {
    format!("\r\n{text}\r\n{OK}")
}

fn all(line: &mut Line<Modem>, exchanges: &[(&str, &str)]) {
    for (command, answer) in exchanges {
        assert_eq!(line.ask(command), *answer, "{command}");
    }
}

#[test]
fn what_is_set_is_kept_read_and_saved() {
    let mut line = module();
    for (set, read, before, after) in [
        ("AT+IFC=2,2", "AT+IFC?", "+IFC: 0,0", "+IFC: 2,2"),
        ("AT+ICF=3,1", "AT+ICF?", "+ICF: 3,3", "+ICF: 3,1"),
        ("AT+QSCLK=1", "AT+QSCLK?", "+QSCLK: 0", "+QSCLK: 1"),
        ("AT+QIURC=0", "AT+QIURC?", "+QIURC: 1", "+QIURC: 0"),
        ("AT+CMGF=1", "AT+CMGF?", "+CMGF: 0", "+CMGF: 1"),
        ("AT+CNMI=2,0,,1", "AT+CNMI?", "+CNMI: 2,1,0,0,0", "+CNMI: 2,0,0,1,0"),
        ("AT+CRC=1", "AT+CRC?", "+CRC: 0", "+CRC: 1"),
        ("AT+CLIP=1", "AT+CLIP?", "+CLIP: 0,1", "+CLIP: 1,1"),
        ("ATS0=2", "ATS0?", "000", "002"),
        ("ATS7=30", "ATS7?", "060", "030"),
    ] {
        assert_eq!(line.ask(read), text(before));
        assert_eq!(line.ask(set), OK, "{set}");
        assert_eq!(line.ask(read), text(after));
    }
    assert_eq!(line.ask("AT+CNMI=?"), text("+CNMI: (0-3),(0-3),(0-3),(0-2),(0-1)"));
    assert_eq!(line.ask("AT+IFC=?"), text("+IFC: (0-2),(0-2)"));
    assert_eq!(line.ask("AT&W"), OK);
    line.order(Order::Reset);
    line.hear(secs(10));
    assert_eq!(line.ask("AT+IFC?"), text("+IFC: 2,2"));
    assert_eq!(line.ask("AT&F"), OK);
    assert_eq!(line.ask("AT+IFC?"), text("+IFC: 0,0"));
}

#[test]
fn what_the_ranges_do_not_hold_is_refused_and_changes_nothing() {
    let mut line = module();
    for wrong in [
        "AT+IFC=2,3",
        "AT+IFC=1,1,1",
        "AT+CNMI=2,9",
        "AT+CMGF=2",
        "AT+QSCLK=x",
        "ATX5",
        "AT&C2",
        "ATS0=256",
        "ATS3=10",
        "AT+CMGF=-1",
    ] {
        assert_eq!(line.ask(wrong), "\r\n+CME ERROR: 3518\r\n", "{wrong}");
    }
    assert_eq!(line.ask("AT+IFC"), "\r\n+CME ERROR: 4\r\n");
    // No module has this register: the driver asks for such as a fence.
    assert_eq!(line.ask("ATS734029118?"), "\r\n+CME ERROR: 601\r\n");
    assert_eq!(line.ask("ATS0"), "\r\n+CME ERROR: 603\r\n");
    assert_eq!(
        line.ask("AT+IFC?;+CNMI?"),
        format!("\r\n+IFC: 0,0\r\n{}", text("+CNMI: 2,1,0,0,0"))
    );
}

/// The line that chat(8) sends for pppd.
#[test]
fn basic_commands_in_a_row() {
    let mut line = module();
    let init = "ATQ0 V1 E1 X4 L1 M1 S0=0 &C1 &D2 H";
    assert_eq!(line.ask(init), OK);
    assert_eq!(line.ask("ATE0"), format!("ATE0\r{OK}"));
    let profile = line.ask("AT&V");
    assert!(profile.starts_with("\r\nACTIVE PROFILE\r\nE: 0\r\nQ: 0\r\nV: 1\r\n"), "{profile:?}");
    for part in
        ["\r\nX: 4\r\n", "\r\n&C: 1\r\n", "\r\n&D: 2\r\n", "\r\nL: 1\r\n", "\r\n+IFC: 0,0\r\n"]
    {
        assert!(profile.contains(part), "{part:?} in {profile:?}");
    }
    all(
        &mut line,
        &[
            ("AT+CGDCONT=1,\"IP\",\"CMNET\"", OK),
            ("ATD*99***1#", "\r\nNO CARRIER\r\n"),
            ("ATDT10086;", "\r\nNO CARRIER\r\n"),
            ("ATA", "\r\nNO CARRIER\r\n"),
            ("ATO", "\r\nNO CARRIER\r\n"),
            ("ATV0", "0\r"),
            ("ATD*99#", "3\r"),
        ],
    );
}

#[test]
fn what_the_module_is() {
    all(
        &mut module(),
        &[
            ("AT+GCAP", &text("+GCAP: +CGSM")),
            ("AT+QGSN", &text("+QGSN: \"123456789012347\"")),
            ("AT+CBC", &text("+CBC: 0,100,4000")),
            ("AT+CPAS", &text("+CPAS: 0")),
            ("AT+CLCC", OK),
            ("AT+CLCK=\"SC\",2", &text("+CLCK: 0")),
            ("AT+CUSD=1,\"*100#\",15", "\r\nOK\r\n\r\n+CUSD: 4\r\n"),
        ],
    );
}

#[test]
fn the_network_is_chosen_and_its_name_has_three_forms() {
    let mut line = module();
    all(
        &mut line,
        &[
            ("AT+COPS?", &text("+COPS: 0,0,\"TEST NETWORK\"")),
            ("AT+COPS=3,1", OK),
            ("AT+COPS?", &text("+COPS: 0,1,\"TEST\"")),
            ("AT+COPS=3,2", OK),
            ("AT+COPS?", &text("+COPS: 0,2,\"00101\"")),
            ("AT+COPS=?", &text("+COPS: (2,\"TEST NETWORK\",\"TEST\",\"00101\"),,(0-4),(0-2)")),
            ("AT+CREG=1", OK),
            ("AT+COPS=2", "\r\n+CREG: 0\r\n\r\nOK\r\n"),
            ("AT+COPS?", &text("+COPS: 2")),
            ("AT+COPS=1,2,\"99999\"", "\r\n+CME ERROR: 30\r\n"),
        ],
    );
    line.order(Order::Registration(NetworkState::Roaming));
    assert_eq!(line.hear(secs(60)), "", "it does not look for one");
    line.ask("AT+COPS=1,2,\"00101\"");
    line.hear(secs(10));
    assert_eq!(line.ask("AT+CREG?"), text("+CREG: 1,5"));
    assert_eq!(line.ask("AT+COPS?"), text("+COPS: 1,2,\"00101\""));
    assert_eq!(line.ask("AT+COPS=5"), "\r\n+CME ERROR: 3518\r\n");
}

#[test]
fn without_its_radio_it_has_no_network_and_without_its_card_no_number() {
    let mut line = module();
    assert_eq!(line.ask("AT+CFUN=4"), OK);
    all(
        &mut line,
        &[
            ("AT+CFUN?", &text("+CFUN: 4")),
            ("AT+CREG?", &text("+CREG: 0,0")),
            ("AT+CPIN?", &text("+CPIN: READY")),
            ("AT+CFUN=0", "\r\nOK\r\n\r\n+CPIN: NOT READY\r\n"),
            ("AT+CPIN?", "\r\n+CME ERROR: 3772\r\n"),
            ("AT+CIMI", "\r\n+CME ERROR: 3772\r\n"),
            ("AT+CMGR=1", "\r\n+CMS ERROR: 313\r\n"),
            ("AT+CFUN=1", "\r\nOK\r\n\r\n+CPIN: READY\r\n"),
        ],
    );
    line.hear(secs(10));
    assert_eq!(line.ask("AT+CREG?;+CFUN?"), format!("\r\n+CREG: 0,1\r\n{}", text("+CFUN: 1")));
    line.ask("AT+CFUN=0");
    line.order(Order::Reset);
    line.hear(secs(10));
    assert_eq!(line.ask("AT+CREG?;+CFUN?"), format!("\r\n+CREG: 0,1\r\n{}", text("+CFUN: 1")));
}

#[test]
fn the_packet_network_can_be_left() {
    let mut line = opened(quiet());
    all(
        &mut line,
        &[
            ("AT+CGREG=1;+QIACT", OK),
            ("AT+QISTAT", "\r\nOK\r\n\r\nSTATE: IP GPRSACT\r\n"),
            ("AT+QILOCIP", "\r\n10.0.0.2\r\n"),
            ("AT+CGATT?", &text("+CGATT: 1")),
            ("AT+CGATT=0", "\r\n+CGREG: 0\r\n\r\n+PDP DEACT\r\n\r\nOK\r\n"),
            ("AT+CGATT?", &text("+CGATT: 0")),
            ("AT+CGREG?;+CREG?", &format!("\r\n+CGREG: 1,0\r\n{}", text("+CREG: 0,1"))),
            ("AT+QISTAT", "\r\nOK\r\n\r\nSTATE: IP INITIAL\r\n"),
            ("AT+QILOCIP", "\r\nERROR\r\n"),
            ("AT+QIACT", "\r\n+CME ERROR: 30\r\n"),
            ("AT+CGATT=1", "\r\n+CGREG: 1\r\n\r\nOK\r\n"),
            ("AT+QIACT", OK),
        ],
    );
    line.order(Order::Registration(NetworkState::Denied));
    line.hear(secs(1));
    assert_eq!(line.ask("AT+CGATT=1"), "\r\n+CME ERROR: 30\r\n");
}

/// A report stays in the queue while the module is off the packet network.
#[test]
fn the_sdk_needs_the_packet_network() {
    let mut line = opened(quiet());
    line.ask("AT+CGATT=0");
    line.ask("AT+ALIPAYREP=\"1\",,100,2,0,1548811777");
    line.run(secs(600));
    assert_eq!(line.device.delivered().len(), 0);
    line.ask("AT+CGATT=1");
    line.run(secs(600));
    assert_eq!(line.device.delivered().len(), 1);
}

#[test]
fn contexts_are_defined_and_activated() {
    all(
        &mut module(),
        &[
            ("AT+CGDCONT?", OK),
            ("AT+CGACT=1,1", "\r\n+CME ERROR: 3\r\n"),
            ("AT+CGDCONT=1,\"IP\",\"CMNET\"", OK),
            ("AT+CGDCONT?", &text("+CGDCONT: 1,\"IP\",\"CMNET\",\"\",0,0")),
            ("AT+CGACT?", &text("+CGACT: 1,0")),
            ("AT+CGACT=1,1", OK),
            ("AT+CGACT?", &text("+CGACT: 1,1")),
            ("AT+CGPADDR=1", &text("+CGPADDR: 1,\"10.0.0.2\"")),
            ("AT+CGACT=0,1", OK),
            ("AT+CGDCONT=1", OK),
            ("AT+CGDCONT?", OK),
            ("AT+CGDCONT=11,\"IP\"", "\r\n+CME ERROR: 3518\r\n"),
            ("AT+CGDCONT=1,\"X25\"", "\r\n+CME ERROR: 3518\r\n"),
        ],
    );
}

#[test]
fn messages_neither_come_nor_go() {
    let mut line = module();
    all(
        &mut line,
        &[
            ("AT+CSMS?", &text("+CSMS: 0,1,1,1")),
            ("AT+CSMS=1", &text("+CSMS: 1,1,1")),
            ("AT+CSMS?", &text("+CSMS: 1,1,1,1")),
            ("AT+CPMS=\"SM\",\"SM\",\"SM\"", &text("+CPMS: 0,50,0,50,0,50")),
            ("AT+CPMS?", &text("+CPMS: \"SM\",0,50,\"SM\",0,50,\"SM\",0,50")),
            ("AT+CPMS=\"XX\"", "\r\n+CMS ERROR: 304\r\n"),
            ("AT+CMGL=?", &text("+CMGL: (0-4)")),
            ("AT+CMGF=1", OK),
            ("AT+CMGL=\"ALL\"", OK),
            ("AT+CMGR=1", "\r\n+CMS ERROR: 321\r\n"),
            ("AT+CMGD=1,4", OK),
            ("AT+CMGS=\"10086\"", "\r\n+CMS ERROR: 302\r\n"),
            ("AT+CSCA?", &text("+CSCA: \"+10010000000\",145")),
        ],
    );
    for (card, code) in [(CardState::Missing, 310), (CardState::Pin, 311), (CardState::Puk, 316)] {
        line.order(Order::Sim(card));
        line.hear(secs(1));
        assert_eq!(line.ask("AT+CPMS?"), format!("\r\n+CMS ERROR: {code}\r\n"));
    }
}

#[test]
fn the_phone_books_are_empty() {
    let mut line = module();
    all(
        &mut line,
        &[
            ("AT+CPBS?", &text("+CPBS: \"SM\",0,250")),
            ("AT+CPBS=\"ME\"", OK),
            ("AT+CPBS?", &text("+CPBS: \"ME\",0,250")),
            ("AT+CPBS=\"XX\"", "\r\n+CME ERROR: 3518\r\n"),
            ("AT+CPBR=?", &text("+CPBR: (1-250),40,14")),
            ("AT+CPBR=1,250", OK),
            ("AT+CPBR=251", "\r\n+CME ERROR: 21\r\n"),
            ("AT+CPBF=\"Li\"", "\r\n+CME ERROR: 22\r\n"),
            ("AT+CPBW=1,\"10086\"", "\r\n+CME ERROR: 3\r\n"),
            ("AT+CNUM", OK),
        ],
    );
    line.order(Order::Sim(CardState::Missing));
    line.hear(secs(1));
    assert_eq!(line.ask("AT+CPBS?"), "\r\n+CME ERROR: 10\r\n");
}

#[test]
fn the_clock_can_be_set() {
    let mut line = Line::new(Modem::new(ModemSettings { clock: 0, ..quiet() }));
    assert_eq!(line.ask("AT+CCLK?"), text("+CCLK: \"70/01/01,08:00:00+32\""));
    assert_eq!(line.ask("AT+CCLK=\"24/02/29,23:59:50+32\""), OK);
    line.hear(secs(15));
    let shown = line.ask("AT+CCLK?");
    assert!(shown.contains("\"24/03/01,00:00:"), "{shown:?}");
    // As in London, and without an offset.
    assert_eq!(line.ask("AT+CCLK=\"99/12/31,12:00:00+00\""), OK);
    assert!(line.ask("AT+CCLK?").contains("\"99/12/31,20:00:0"));
    assert_eq!(line.ask("AT+CCLK=\"00/03/01,00:00:00\""), OK);
    assert!(line.ask("AT+CCLK?").contains("\"00/03/01,00:00:0"));
    for wrong in [
        "24/13/01,00:00:00+32",
        "24/00/01,00:00:00+32",
        "24/01/00,00:00:00+32",
        "",
        "now",
        "24/01/01,24:00:00+32",
        "24/01/01,00:00+32",
        "24/01/01,00:00:00+99",
        "124/01/01,00:00:00",
    ] {
        let answer = line.ask(&format!("AT+CCLK=\"{wrong}\""));
        assert_eq!(answer, "\r\n+CME ERROR: 3518\r\n", "{wrong}");
    }
    // The network's time is the right one, and takes the place of what was set.
    assert_eq!(line.ask("AT+QNTTP=\"a\""), "\r\nOK\r\n\r\n+QNTTP: 0\r\n");
    assert!(line.ask("AT+CCLK?").contains("\"70/01/01,08:0"));
}
