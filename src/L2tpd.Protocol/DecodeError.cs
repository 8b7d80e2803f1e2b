using L2tpd.Protocol.Avps;

namespace L2tpd.Protocol;

/// <summary>Why bytes off the network could not be used.</summary>
public enum DecodeErrorKind
{
    None = 0,

    /// <summary>Fewer octets than the header needs, or a Length field that is below the header or beyond the datagram.</summary>
    BadHeaderLength,

    /// <summary>T=1 with L=0, S=0 or O=1 (RFC 2661 section 3.1).</summary>
    BadHeaderFlags,

    /// <summary>Ver is neither 2 nor 3.</summary>
    BadVersion,

    /// <summary>An AVP's length is below 6 or beyond the end of the message: the AVP walk cannot continue.</summary>
    BadAvpLength,

    /// <summary>The first AVP is not Message Type.</summary>
    MissingMessageType,

    /// <summary>The Message Type value is unknown and its M bit is set.</summary>
    UnknownMessageType,

    /// <summary>An AVP that this version or message does not know has its M bit set.</summary>
    UnknownMandatoryAvp,

    /// <summary>A known AVP with M=1 has a value of the wrong length.</summary>
    BadValueLength,

    /// <summary>A known AVP with M=1 has a value out of range.</summary>
    BadValue,

    /// <summary>An AVP the message requires is absent.</summary>
    MissingAvp,

    /// <summary>A hidden AVP with M=1 cannot be read: no secret, no Random Vector before it, or an impossible inner length.</summary>
    CannotUnhide,
}

/// <summary>A decoding failure: what, where in the message (octet offset), and which AVP.</summary>
public readonly record struct DecodeError(DecodeErrorKind Kind, int Offset, ushort VendorId = 0, ushort AttributeType = 0);
