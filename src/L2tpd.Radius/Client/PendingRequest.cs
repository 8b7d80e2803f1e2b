namespace L2tpd.Radius.Client;

/// <summary>The owner of a deadline in the client's queue.</summary>
internal interface IAwaiting
{
    /// <summary>The valid deadline, milliseconds. An entry of the queue with another one is obsolete.</summary>
    long Deadline { get; }

    /// <summary>Whether nothing is expected any more.</summary>
    bool IsOver { get; }
}

/// <summary>A request of the host, from its submission to its end.</summary>
internal sealed class PendingRequest(ulong id, RadiusRequest request, ServerGroup group, long submitted) : IAwaiting
{
    public ulong Id { get; } = id;

    public RadiusRequest Request { get; } = request;

    public ServerGroup Group { get; } = group;

    /// <summary>When the host submitted it, milliseconds.</summary>
    public long Submitted { get; } = submitted;

    /// <summary>When it is given up, even if not all servers were tried.</summary>
    public long GivenUpAt { get; } = submitted + group.Budget;

    /// <summary>Until when it waits for an identifier of the current server.</summary>
    public long Deadline { get; set; } = submitted + group.Budget;

    public bool IsOver { get; set; }

    /// <summary>Numbers of the servers that were tried.</summary>
    public HashSet<int> Tried { get; } = [];

    /// <summary>Number of the current server.</summary>
    public int Server { get; set; } = -1;

    /// <summary>The transmission to the current server; <c>null</c> while it waits for an identifier, and after its end.</summary>
    public Transmission? Transmission { get; set; }

    /// <summary>Whether it waits for an identifier of that server.</summary>
    public bool WaitsAt(int server) => !IsOver && Transmission is null && Server == server;
}

/// <summary>A packet that was sent and has no answer yet. It has one socket and identifier of one server.</summary>
internal sealed class Transmission(ServerSocket socket, byte identifier, byte[] packet, long sent) : IAwaiting
{
    public ServerSocket Socket { get; } = socket;

    public byte Identifier { get; } = identifier;

    /// <summary>The octets. A retransmission must be identical, or the server's duplicate cache does not recognise it.</summary>
    public byte[] Packet { get; } = packet;

    public long Sent { get; } = sent;

    public int Attempts { get; set; } = 1;

    /// <summary>The current wait, milliseconds.</summary>
    public long Wait { get; set; }

    public long Deadline { get; set; }

    public bool IsOver { get; set; }

    /// <summary>The request it carries; <c>null</c> for a Status-Server probe.</summary>
    public PendingRequest? Request { get; init; }

    public ReadOnlySpan<byte> Authenticator => Packet.AsSpan(Wire.RadiusPacket.AuthenticatorOffset, Wire.RadiusPacket.AuthenticatorSize);
}
