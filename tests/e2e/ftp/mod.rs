//! FTP in front of a real folder, with the programs that people have, and cut at each moment.

mod cut;
mod programs;
mod session;
mod sharing;

use crate::harness::{Gateway, PATIENCE, State, campus, try_run};
use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, Shutdown, SocketAddr, TcpStream},
};

/// A raw FTP conversation in clear.
pub(crate) struct Ftp {
    control: BufReader<TcpStream>,
}

impl Ftp {
    /// Connects and reads the greeting.
    #[track_caller]
    pub(crate) fn connect(gateway: &Gateway) -> Self {
        let stream = TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, gateway.ftp))).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut ftp = Self { control: BufReader::new(stream) };
        assert!(ftp.reply().starts_with("220 "));
        ftp
    }

    /// Connects and logs in.
    #[track_caller]
    pub(crate) fn log_in(gateway: &Gateway, login: &str, password: &str) -> Self {
        let mut ftp = Self::connect(gateway);
        ftp.says(&format!("USER {login}"), "331");
        ftp.says(&format!("PASS {password}"), "230");
        ftp
    }

    pub(crate) fn send(&mut self, octets: &[u8]) {
        self.control.get_mut().write_all(octets).unwrap();
    }

    /// A whole reply; what there was of it at the end of the connection.
    pub(crate) fn reply(&mut self) -> String {
        let mut whole = String::new();
        loop {
            let mut line = Vec::new();
            let _ = self.control.read_until(b'\n', &mut line);
            whole.push_str(&String::from_utf8_lossy(&line));
            let is_last = line.len() > 3 && line[..3].iter().all(u8::is_ascii_digit) && line[3] == b' ';
            if is_last || line.is_empty() {
                return whole;
            }
        }
    }

    /// Sends a command and reads the reply.
    pub(crate) fn say(&mut self, command: &str) -> String {
        self.send(format!("{command}\r\n").as_bytes());
        self.reply()
    }

    #[track_caller]
    pub(crate) fn says(&mut self, command: &str, code: &str) -> String {
        let reply = self.say(command);
        assert!(reply.starts_with(code), "{command}: {reply}");
        reply
    }

    /// The port that EPSV tells.
    #[track_caller]
    pub(crate) fn port(&mut self) -> u16 {
        let told = self.says("EPSV", "229 ");
        told.split('|').nth(3).and_then(|port| port.parse().ok()).unwrap()
    }

    /// A data connection for a command that was let begin.
    #[track_caller]
    pub(crate) fn data(&mut self, command: &str) -> TcpStream {
        let port = self.port();
        self.says(command, "150 ");
        let data = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        data.set_read_timeout(Some(PATIENCE)).unwrap();
        data
    }

    /// Stores a file; the last reply.
    #[track_caller]
    pub(crate) fn store(&mut self, path: &str, content: &[u8]) -> String {
        let mut data = self.data(&format!("STOR {path}"));
        data.write_all(content).unwrap();
        drop(data);
        self.reply()
    }

    /// Sends the first part of a file and leaves it at that.
    #[track_caller]
    pub(crate) fn begin_to_store(&mut self, path: &str, content: &[u8]) -> TcpStream {
        let mut data = self.data(&format!("STOR {path}"));
        data.write_all(content).unwrap();
        data
    }

    /// What comes for a command, with the last reply.
    #[track_caller]
    pub(crate) fn fetch(&mut self, command: &str) -> (String, Vec<u8>) {
        let (mut data, mut content) = (self.data(command), Vec::new());
        data.read_to_end(&mut content).unwrap();
        (self.reply(), content)
    }

    #[track_caller]
    pub(crate) fn retrieve(&mut self, path: &str) -> (String, Vec<u8>) {
        self.fetch(&format!("RETR {path}"))
    }

    pub(crate) fn hang_up(&self) {
        let _ = self.control.get_ref().shutdown(Shutdown::Both);
    }
}

/// A gateway with a change to `passerelle.toml`.
pub(crate) fn changed(name: &str, from: &str, to: &str) -> Gateway {
    Gateway::start_with(name, &State::Sqlite, |config| {
        let file = config.join("passerelle.toml");
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.contains(from));
        fs::write(&file, text.replacen(from, to, 1)).unwrap();
    })
}

/// Runs Python with a client `f` of `ftplib` that is logged in within TLS; what it prints.
#[track_caller]
pub(crate) fn python(gateway: &Gateway, login: &str, password: &str, script: &str) -> String {
    let whole = format!(
        "import ftplib, io, ssl, socket\n\
         def code(call, *a):\n    try:\n        return call(*a)\n    except ftplib.all_errors as e:\n        return str(e)\n\
         f = ftplib.FTP_TLS(context=ssl.create_default_context(cafile='{ca}'))\n\
         f.connect('localhost', {port}, 20)\nf.login('{login}', '{password}')\n{script}",
        ca = campus("CAMPUS_CA"),
        port = gateway.ftp,
    );
    let output = try_run("python3", &["-c", &whole]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
