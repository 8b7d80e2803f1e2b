namespace L2tpd.Ipsec.Vici;

/// <summary>Types of VICI packets: the first octet of a byte sequence.</summary>
public enum ViciPacketType : byte
{
    /// <summary>A named request of the client.</summary>
    CommandRequest = 0,

    /// <summary>The answer to the request that is outstanding.</summary>
    CommandResponse = 1,

    /// <summary>The server has no such command.</summary>
    CommandUnknown = 2,

    EventRegister = 3,

    EventUnregister = 4,

    /// <summary>The registration, or its removal, is done.</summary>
    EventConfirm = 5,

    /// <summary>The server has no such event.</summary>
    EventUnknown = 6,

    /// <summary>A named event.</summary>
    Event = 7,
}
