//! Numbers and lengths, lowest octet first.

use super::Garbled;

/// Puts values into a message.
#[derive(Debug, Default)]
pub(super) struct Writer(Vec<u8>);

impl Writer {
    pub(super) fn new(head: &[u8]) -> Self {
        Self(head.to_vec())
    }
    pub(super) fn u8(&mut self, value: u8) {
        self.0.push(value);
    }
    pub(super) fn u16(&mut self, value: u16) {
        self.0.extend(value.to_le_bytes());
    }
    pub(super) fn u32(&mut self, value: u32) {
        self.0.extend(value.to_le_bytes());
    }
    pub(super) fn u64(&mut self, value: u64) {
        self.0.extend(value.to_le_bytes());
    }
    /// Octets with their length before them in two. What is longer is cut, and then means something else; callers bound it.
    pub(super) fn text(&mut self, value: &[u8]) {
        let length = u16::try_from(value.len()).unwrap_or(u16::MAX);
        self.u16(length);
        self.0.extend(value.iter().take(length.into()));
    }
    /// The same with the length in one.
    pub(super) fn short_text(&mut self, value: &[u8]) {
        let length = u8::try_from(value.len()).unwrap_or(u8::MAX);
        self.u8(length);
        self.0.extend(value.iter().take(length.into()));
    }
    pub(super) fn done(self) -> Vec<u8> {
        self.0
    }
}

/// Takes values out of a message.
#[derive(Debug)]
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn new(octets: &'a [u8]) -> Self {
        Self(octets)
    }
    pub(super) fn octets(&mut self, length: usize) -> Result<&'a [u8], Garbled> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Garbled)?;
        self.0 = rest;
        Ok(taken)
    }
    fn array<const N: usize>(&mut self) -> Result<[u8; N], Garbled> {
        self.octets(N)?.try_into().map_err(|_| Garbled)
    }
    pub(super) fn u8(&mut self) -> Result<u8, Garbled> {
        Ok(u8::from_le_bytes(self.array()?))
    }
    pub(super) fn u16(&mut self) -> Result<u16, Garbled> {
        Ok(u16::from_le_bytes(self.array()?))
    }
    pub(super) fn u32(&mut self) -> Result<u32, Garbled> {
        Ok(u32::from_le_bytes(self.array()?))
    }
    pub(super) fn u64(&mut self) -> Result<u64, Garbled> {
        Ok(u64::from_le_bytes(self.array()?))
    }
    pub(super) fn flag(&mut self) -> Result<bool, Garbled> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Garbled),
        }
    }
    pub(super) fn text(&mut self) -> Result<&'a [u8], Garbled> {
        let length = self.u16()?;
        self.octets(length.into())
    }
    pub(super) fn short_text(&mut self) -> Result<&'a [u8], Garbled> {
        let length = self.u8()?;
        self.octets(length.into())
    }
    /// Nothing may follow.
    pub(super) fn end(self) -> Result<(), Garbled> {
        if self.0.is_empty() { Ok(()) } else { Err(Garbled) }
    }
}
