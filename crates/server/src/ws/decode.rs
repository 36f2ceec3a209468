//! Bytes of a client in, whole messages and control frames out.

use std::borrow::Cow;

use protocol::limits::Limits;

use super::header::{self, HEADER_BYTES_MAX, Header};
use super::inflate::inflate;
use super::{Opcode, Violation};

/// Something whole that a client sent. It borrows the bytes that were lent to
/// [`Decoder::feed`] where it lay in them in one piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Message<'a> {
    /// A text message.
    Text(Cow<'a, str>),
    /// A binary message.
    Binary(Cow<'a, [u8]>),
    /// A ping, to be answered with the same payload.
    Ping(Cow<'a, [u8]>),
    /// A pong.
    Pong,
    /// The end: nothing that follows counts. The code, if the client gave one.
    Close(Option<u16>),
}

/// The reading state of one connection.
#[derive(Debug)]
pub(crate) struct Decoder {
    message_bytes_max: u32,
    frame_bytes_max: u32,
    /// Whether messages may be compressed.
    compression: bool,
    /// What has begun and not ended; `None` between messages.
    partial: Option<Box<Partial>>,
}

#[derive(Debug, Default)]
struct Partial {
    /// The first bytes of a header that isn't complete.
    header: HeaderBytes,
    /// The frame whose payload is under way.
    frame: Option<Frame>,
    /// What came of a control frame's payload.
    control: Vec<u8>,
    /// The message that is under way.
    message: Option<Fragments>,
}

#[derive(Debug, Default)]
struct HeaderBytes {
    bytes: [u8; HEADER_BYTES_MAX],
    len: usize,
}

/// A frame with a part of its payload still to come.
#[derive(Debug, Clone, Copy)]
struct Frame {
    header: Header,
    /// How many bytes of the payload have come.
    received: u64,
}

/// A message with a part of it still to come.
#[derive(Debug)]
struct Fragments {
    text: bool,
    compressed: bool,
    payload: Vec<u8>,
    /// How many bytes of a text are known to be good.
    checked: usize,
}

impl Decoder {
    /// A decoder at the start of a connection.
    pub(crate) fn new(limits: &Limits, compression: bool) -> Self {
        let small = |limit| u32::try_from(limit).unwrap_or(u32::MAX);
        Self {
            message_bytes_max: small(limits.message_bytes_max),
            frame_bytes_max: small(limits.frame_bytes_max),
            compression,
            partial: None,
        }
    }

    /// Whether memory is held for something that has begun and not ended.
    #[cfg(test)]
    pub(super) fn holds_memory(&self) -> bool {
        self.partial.is_some()
    }

    /// Reads up to the end of the first frame in `input`, or all of it, and says how many bytes
    /// that took and what is whole with it. The bytes are unmasked where they lie. After an error
    /// the decoder must not be used again.
    pub(crate) fn feed<'a>(
        &mut self,
        input: &'a mut [u8],
    ) -> Result<(usize, Option<Message<'a>>), Violation> {
        if input.is_empty() {
            return Ok((0, None));
        }
        let (frame, at) = match self.begin_frame(input)? {
            (Some(frame), used) => (frame, used),
            (None, used) => return Ok((used, None)),
        };
        let lack = frame.header.payload_bytes - frame.received;
        let rest = input.len() - at;
        let here = usize::try_from(lack).map_or(rest, |lack| lack.min(rest));
        unmask(&mut input[at..at + here], frame.header.mask, frame.received);
        let end = at + here;
        let whole = here as u64 == frame.header.payload_bytes;
        if whole && self.stands_alone(&frame.header) {
            self.tidy();
            let payload = &input[at..end];
            let message = if frame.header.compressed {
                let text = frame.header.opcode == Opcode::Text;
                whole_message(text, inflate(payload, self.message_bytes_max as usize)?)
            } else {
                alone(frame.header.opcode, payload)
            };
            return message.map(|message| (end, Some(message)));
        }
        let ended = here as u64 == lack;
        let message = self.append(frame, &input[at..end], ended)?;
        Ok((end, message))
    }

    /// The frame that `input` goes on with or begins with, and the bytes its header took.
    fn begin_frame(&mut self, input: &[u8]) -> Result<(Option<Frame>, usize), Violation> {
        let known = self
            .partial
            .as_ref()
            .map_or(0, |partial| partial.header.len);
        if let Some(frame) = self
            .partial
            .as_mut()
            .and_then(|partial| partial.frame.take())
        {
            return Ok((Some(frame), 0));
        }
        let parsed = if known == 0 {
            header::parse(input, self.compression)?
        } else {
            let partial = self
                .partial
                .as_mut()
                .expect("bytes of a header are kept in it");
            let more = input.len().min(HEADER_BYTES_MAX - known);
            partial.header.bytes[known..known + more].copy_from_slice(&input[..more]);
            header::parse(&partial.header.bytes[..known + more], self.compression)?
        };
        let Some((header, header_bytes)) = parsed else {
            let partial = self.partial.get_or_insert_default();
            partial.header.bytes[known..known + input.len()].copy_from_slice(input);
            partial.header.len = known + input.len();
            return Ok((None, input.len()));
        };
        if let Some(partial) = self.partial.as_mut() {
            partial.header.len = 0;
        }
        self.check(&header)?;
        let frame = Frame {
            header,
            received: 0,
        };
        Ok((Some(frame), header_bytes - known))
    }

    /// Whether a frame may come at this place, and isn't too long.
    fn check(&self, header: &Header) -> Result<(), Violation> {
        let message = self
            .partial
            .as_ref()
            .and_then(|partial| partial.message.as_ref());
        let before = match (header.opcode, message) {
            (Opcode::Close | Opcode::Ping | Opcode::Pong, _) => return Ok(()),
            (Opcode::Continuation, None) => {
                return Err(Violation::Framing("continuation of nothing"));
            }
            (Opcode::Text | Opcode::Binary, Some(_)) => {
                return Err(Violation::Framing("new message within a message"));
            }
            (Opcode::Continuation, Some(message)) => message.payload.len() as u64,
            (Opcode::Text | Opcode::Binary, None) => 0,
        };
        let message_bytes = header.payload_bytes.saturating_add(before);
        if header.payload_bytes > u64::from(self.frame_bytes_max)
            || message_bytes > u64::from(self.message_bytes_max)
        {
            return Err(Violation::TooBig);
        }
        Ok(())
    }

    /// Whether a frame is a message by itself, or a control frame.
    fn stands_alone(&self, header: &Header) -> bool {
        match header.opcode {
            Opcode::Close | Opcode::Ping | Opcode::Pong => true,
            Opcode::Text | Opcode::Binary => header.fin,
            Opcode::Continuation => false,
        }
    }

    /// Keeps a part of a frame, and gives what is whole with it.
    fn append(
        &mut self,
        mut frame: Frame,
        part: &[u8],
        ended: bool,
    ) -> Result<Option<Message<'static>>, Violation> {
        let Header {
            fin,
            opcode,
            compressed,
            ..
        } = frame.header;
        let partial = self.partial.get_or_insert_default();
        if part.is_empty() && !ended {
            partial.frame = Some(frame);
            return Ok(None);
        }
        if opcode.is_control() {
            partial.control.extend_from_slice(part);
        } else {
            let message = partial.message.get_or_insert_with(|| Fragments {
                text: opcode == Opcode::Text,
                compressed,
                payload: Vec::new(),
                checked: 0,
            });
            message.push(part)?;
        }
        if !ended {
            frame.received += part.len() as u64;
            partial.frame = Some(frame);
            return Ok(None);
        }
        let message = if opcode.is_control() {
            let payload = std::mem::take(&mut partial.control);
            Some(control(opcode, Cow::Owned(payload))?)
        } else if fin {
            let message = partial
                .message
                .take()
                .expect("it was appended to just above");
            Some(message.finish(self.message_bytes_max as usize)?)
        } else {
            None
        };
        self.tidy();
        Ok(message)
    }

    /// Gives the memory back where nothing is under way.
    fn tidy(&mut self) {
        if self
            .partial
            .as_ref()
            .is_some_and(|partial| partial.message.is_none())
        {
            self.partial = None;
        }
    }
}

impl Fragments {
    fn push(&mut self, part: &[u8]) -> Result<(), Violation> {
        self.payload.extend_from_slice(part);
        if !self.text || self.compressed {
            return Ok(());
        }
        match std::str::from_utf8(&self.payload[self.checked..]) {
            Ok(good) => self.checked += good.len(),
            Err(error) if error.error_len().is_none() => self.checked += error.valid_up_to(),
            Err(_) => return Err(Violation::Utf8),
        }
        Ok(())
    }

    fn finish(self, bytes_max: usize) -> Result<Message<'static>, Violation> {
        let payload = if self.compressed {
            inflate(&self.payload, bytes_max)?
        } else {
            self.payload
        };
        whole_message(self.text, payload)
    }
}

/// A message whose payload is complete.
fn whole_message(text: bool, payload: Vec<u8>) -> Result<Message<'static>, Violation> {
    if !text {
        return Ok(Message::Binary(Cow::Owned(payload)));
    }
    let text = String::from_utf8(payload).map_err(|_| Violation::Utf8)?;
    Ok(Message::Text(Cow::Owned(text)))
}

/// The message of a frame that stands alone and lies whole in the input.
fn alone(opcode: Opcode, payload: &[u8]) -> Result<Message<'_>, Violation> {
    match opcode {
        Opcode::Text => {
            let text = std::str::from_utf8(payload).map_err(|_| Violation::Utf8)?;
            Ok(Message::Text(Cow::Borrowed(text)))
        }
        Opcode::Binary | Opcode::Continuation => Ok(Message::Binary(Cow::Borrowed(payload))),
        Opcode::Close | Opcode::Ping | Opcode::Pong => control(opcode, Cow::Borrowed(payload)),
    }
}

/// A control frame with its whole payload. `opcode` is one of a control frame.
fn control<'a>(opcode: Opcode, payload: Cow<'a, [u8]>) -> Result<Message<'a>, Violation> {
    match opcode {
        Opcode::Ping => Ok(Message::Ping(payload)),
        Opcode::Close => close_code(&payload).map(Message::Close),
        Opcode::Pong | Opcode::Text | Opcode::Binary | Opcode::Continuation => Ok(Message::Pong),
    }
}

/// The code in a close frame's payload. Which codes a client may give is as the `ws` package
/// of the real server has it.
fn close_code(payload: &[u8]) -> Result<Option<u16>, Violation> {
    if payload.is_empty() {
        return Ok(None);
    }
    let Some((code, reason)) = payload.split_first_chunk::<2>() else {
        return Err(Violation::Framing("close frame of one byte"));
    };
    let code = u16::from_be_bytes(*code);
    match code {
        1000..=1003 | 1007..=1014 | 3000..=4999 => {}
        _ => return Err(Violation::Framing("close code that may not be sent")),
    }
    std::str::from_utf8(reason).map_err(|_| Violation::Utf8)?;
    Ok(Some(code))
}

/// Takes the mask off a part of a payload that begins `offset` bytes into it.
fn unmask(part: &mut [u8], mask: [u8; 4], offset: u64) {
    let mut mask = mask;
    mask.rotate_left((offset % 4) as usize);
    let word = u32::from_ne_bytes(mask);
    let (words, rest) = part.as_chunks_mut::<4>();
    for chunk in words {
        *chunk = (u32::from_ne_bytes(*chunk) ^ word).to_ne_bytes();
    }
    for (byte, mask) in rest.iter_mut().zip(mask) {
        *byte ^= mask;
    }
}
