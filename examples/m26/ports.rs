//! `ports`: which serial ports there are. None is opened: that might disturb what is behind it.

use std::fs;
use std::path::Path;

use serialport::{SerialPortType, UsbPortInfo};

use crate::object::Object;
use crate::problem::Problem;
use crate::screen::{Answer, printable};

/// Lists the ports that the system knows, and the links to them that survive replugging.
pub(crate) fn list() -> Result<Answer, Problem> {
    let links = links();
    let mut ports = devices();
    // A link may lead to a port that the system does not list.
    for (_, path) in &links {
        if !ports.iter().any(|(known, _)| known == path) {
            ports.push((path.clone(), None));
        }
    }
    ports.sort_by(|one, other| one.0.cmp(&other.0));
    let mut objects = Vec::new();
    let mut lines = Vec::new();
    for (path, usb) in &ports {
        let by_id = links.iter().find(|(_, to)| to == path).map(|(link, _)| link.as_str());
        let object = Object::new().with("path", path.as_str()).with("by_id", by_id);
        objects.push(match usb {
            Some(usb) => object.nest("usb", &object_of(usb)),
            None => object.with("usb", ()),
        });
        let name = by_id.map_or(path.clone(), |link| format!("{link} ({path})"));
        lines.push(match usb {
            Some(usb) => format!("{name}: {}", describe(usb)),
            None => name,
        });
    }
    if lines.is_empty() {
        lines.push(NONE.to_string());
    }
    Ok(Answer { result: Object::new().list("ports", &objects), text: lines.join("\n") })
}

/// The USB adapter whose port this is, in words.
pub(crate) fn adapter_at(path: &Path) -> Option<String> {
    let devices = devices().into_iter();
    let mut usb = devices.filter(|(name, _)| Path::new(name) == path).filter_map(|(_, usb)| usb);
    usb.next().map(|usb| describe(&usb))
}

/// The links by which udev names USB adapters, and where they lead.
fn links() -> Vec<(String, String)> {
    let Ok(folder) = fs::read_dir("/dev/serial/by-id") else { return Vec::new() };
    let mut links: Vec<_> = folder
        .filter_map(|entry| {
            let link = entry.ok()?.path();
            let path = fs::canonicalize(&link).ok()?;
            Some((link.to_string_lossy().into_owned(), path.to_string_lossy().into_owned()))
        })
        .collect();
    links.sort();
    links
}

fn devices() -> Vec<(String, Option<UsbPortInfo>)> {
    // Without it the listing panics.
    if cfg!(target_os = "linux") && !Path::new("/sys/class/tty").is_dir() {
        return Vec::new();
    }
    let ports = serialport::available_ports().unwrap_or_default().into_iter();
    let usb = |kind| match kind {
        SerialPortType::UsbPort(usb) => Some(usb),
        _ => None,
    };
    ports.map(|port| (port.port_name, usb(port.port_type))).collect()
}

fn object_of(usb: &UsbPortInfo) -> Object {
    Object::new()
        .with("vid", format!("{:04x}", usb.vid))
        .with("pid", format!("{:04x}", usb.pid))
        .with("manufacturer", usb.manufacturer.as_deref())
        .with("product", usb.product.as_deref())
        .with("serial_number", usb.serial_number.as_deref())
        .with("adapter", adapter(usb))
}

fn describe(usb: &UsbPortInfo) -> String {
    let product = usb.product.as_deref().unwrap_or("USB");
    let hint = adapter(usb).map(|name| format!(", an adapter {name} as modules often have"));
    let numbers = format!("{:04x}:{:04x}", usb.vid, usb.pid);
    format!("{} ({numbers}{})", printable(product), hint.unwrap_or_default())
}

/// The M26 has a UART: over USB one sees the adapter before it, which is a hint and no more.
fn adapter(usb: &UsbPortInfo) -> Option<&'static str> {
    match (usb.vid, usb.pid) {
        (0x067b, 0x2303) => Some("PL2303"),
        (0x10c4, 0xea60) => Some("CP210x"),
        (0x1a86, 0x7523) => Some("CH340"),
        (0x0403, 0x6001) => Some("FT232"),
        _ => None,
    }
}

const NONE: &str = "no serial port was found; one on the board may be there all the same, under a \
                    path such as /dev/ttyS0 or /dev/ttyAMA0";
