//! The smallest writer of PNG files: eight-bit grey, not compressed.

/// Writes a picture of rows of bytes, all of one length.
pub(super) fn write(width: u8, rows: &[Vec<u8>]) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    let height = u32::try_from(rows.len()).unwrap_or(0);
    let mut header = u32::from(width).to_be_bytes().to_vec();
    header.extend(height.to_be_bytes());
    // Eight bits, grey, and the only methods there are.
    header.extend([8, 0, 0, 0, 0]);
    chunk(&mut file, b"IHDR", &header);
    // Each row begins with its filter, which is none.
    let data: Vec<u8> = rows.iter().flat_map(|row| [&[0], row.as_slice()].concat()).collect();
    chunk(&mut file, b"IDAT", &stored(&data));
    chunk(&mut file, b"IEND", &[]);
    file
}

/// A zlib stream of one block that is stored as it is.
fn stored(data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap_or(u16::MAX);
    let mut stream = vec![0x78, 0x01, 1];
    stream.extend(length.to_le_bytes());
    stream.extend((!length).to_le_bytes());
    stream.extend(data);
    let (a, b) = data.iter().fold((1, 0), |(a, b): (u32, u32), byte| {
        let a = (a + u32::from(*byte)) % 65521;
        (a, (b + a) % 65521)
    });
    stream.extend(((b << 16) | a).to_be_bytes());
    stream
}

fn chunk(file: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    let length = u32::try_from(data.len()).unwrap_or(0);
    let checked = [kind, data].concat();
    file.extend(length.to_be_bytes());
    file.extend(&checked);
    file.extend(crc(&checked).to_be_bytes());
}

fn crc(data: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| match crc & 1 {
            1 => (crc >> 1) ^ 0xedb8_8320,
            _ => crc >> 1,
        })
    };
    !data.iter().fold(u32::MAX, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_of_one_point_is_what_another_writer_makes() {
        let expected = "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55\
            0000000d494441547801010200fdff008000820081c36e25e0\
            0000000049454e44ae426082";
        let file: String = write(1, &[vec![0x80]]).iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(file, expected);
    }
}
