namespace L2tpd.Access;

/// <summary>An accounting record as it waits on disk: its content without what changes with each transmission.</summary>
/// <param name="Status">Acct-Status-Type.</param>
/// <param name="Timestamp">Event-Timestamp: when it happened, seconds since 1970.</param>
/// <param name="SessionId">Acct-Session-Id; for <see cref="AccountingStatus.On"/> and Off that of the run.</param>
/// <param name="Group">Name of the server group that gets it; empty: all servers.</param>
/// <param name="Attributes">
/// The attributes, whole, as in a packet, without Message-Authenticator, Event-Timestamp, Acct-Delay-Time and NAS address.
/// </param>
public sealed record SpoolRecord(AccountingStatus Status, uint Timestamp, string SessionId, string Group, ReadOnlyMemory<byte> Attributes)
{
    /// <summary>Whether it concerns the whole server: it is sent alone, after what came before it and before what came after it.</summary>
    public bool IsOfServer => Status is AccountingStatus.On or AccountingStatus.Off;
}

/// <summary>Where a record is.</summary>
/// <param name="Segment">Number of the file; later files have higher numbers.</param>
/// <param name="Offset">Octets before it.</param>
/// <param name="Size">Its octets, with their frame.</param>
public readonly record struct SpoolPlace(long Segment, int Offset, int Size);

/// <summary>A record that waits on disk.</summary>
/// <param name="Place">Where.</param>
/// <param name="Status">Acct-Status-Type.</param>
/// <param name="Timestamp">When it happened, seconds since 1970.</param>
/// <param name="SessionId">Acct-Session-Id.</param>
public readonly record struct SpoolEntry(SpoolPlace Place, AccountingStatus Status, uint Timestamp, string SessionId);
