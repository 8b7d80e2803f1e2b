using L2tpd.Protocol.Avps;

namespace L2tpd.Protocol;

/// <summary>Why octets from the network cannot be used.</summary>
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

    /// <summary>A hidden AVP with M=1 cannot be read: no secret, no Random Vector before it, or an invalid inner length.</summary>
    CannotUnhide,
}

/// <summary>A decoding error: the kind, the octet offset in the message, and the AVP.</summary>
public readonly record struct DecodeError(DecodeErrorKind Kind, int Offset, ushort VendorId = 0, ushort AttributeType = 0)
{
    /// <summary>
    /// The result code for a CDN or StopCCN: result 2 (general error), the general error code of RFC 2661 section 4.4.2, and a text that
    /// names the AVP and its offset. With Kind None: result 1 of either message.
    /// </summary>
    public ResultCode ToResultCode() => Kind switch
    {
        DecodeErrorKind.None => new ResultCode(StopCcnResult.GeneralRequest),
        DecodeErrorKind.BadHeaderLength or DecodeErrorKind.BadAvpLength or DecodeErrorKind.BadValueLength =>
            General(GeneralError.WrongLength),
        DecodeErrorKind.UnknownMessageType or DecodeErrorKind.UnknownMandatoryAvp => General(GeneralError.UnknownMandatoryAvp),
        _ => General(GeneralError.ValueOutOfRange),
    };

    /// <summary>The text of the error, for logs and for the peer.</summary>
    public string Describe() => Kind switch
    {
        DecodeErrorKind.None => "no error",
        DecodeErrorKind.BadHeaderLength => $"wrong header length at octet {Offset}",
        DecodeErrorKind.BadHeaderFlags => "the header flags are not those of a control message",
        DecodeErrorKind.BadVersion => "protocol version is neither 2 nor 3",
        DecodeErrorKind.BadAvpLength => $"invalid AVP length at octet {Offset}",
        DecodeErrorKind.MissingMessageType => $"the first AVP is {AvpName}, not Message Type",
        DecodeErrorKind.UnknownMessageType => $"unknown Message Type with M=1 at octet {Offset}",
        DecodeErrorKind.UnknownMandatoryAvp => $"{AvpName} at octet {Offset} is unknown and has M=1",
        DecodeErrorKind.BadValueLength => $"{AvpName} at octet {Offset} has a value of the wrong length",
        DecodeErrorKind.BadValue => $"{AvpName} at octet {Offset} has a value out of range",
        DecodeErrorKind.MissingAvp => $"{AvpName} is missing",
        DecodeErrorKind.CannotUnhide => $"{AvpName} at octet {Offset} is hidden and cannot be read",
        _ => $"error {(int)Kind} at octet {Offset}",
    };

    private string AvpName
    {
        get
        {
            var number = VendorId == 0 ? $"AVP {AttributeType}" : $"AVP {VendorId}/{AttributeType}";
            return AvpTable.NameOf(VendorId, AttributeType) is string name ? $"{number} ({name})" : number;
        }
    }

    private ResultCode General(ushort error) => new(StopCcnResult.GeneralError, error, Describe());
}
