namespace L2tpd.Radius.Client;

/// <summary>What a deadline of the client's belongs to.</summary>
internal interface IAwaiting
{
    /// <summary>The deadline that counts, milliseconds: an earlier or later entry in the queue is left over from before.</summary>
    long Deadline { get; }

    /// <summary>Whether nothing is awaited any more.</summary>
    bool IsOver { get; }
}

/// <summary>A request of the host's, from its submission to its end.</summary>
internal sealed class PendingRequest(ulong id, RadiusRequest request, ServerGroup group, long submitted) : IAwaiting
{
    public ulong Id { get; } = id;

    public RadiusRequest Request { get; } = request;

    public ServerGroup Group { get; } = group;

    /// <summary>When the host submitted it, milliseconds.</summary>
    public long Submitted { get; } = submitted;

    /// <summary>When it is given up, whatever servers are left.</summary>
    public long Deadline { get; } = submitted + group.Budget;

    public bool IsOver { get; set; }

    /// <summary>Servers that were tried already, by number.</summary>
    public HashSet<int> Tried { get; } = [];

    /// <summary>The server that it is at.</summary>
    public int Server { get; set; } = -1;

    /// <summary>Its packet on the way; <c>null</c> while it waits for an identifier, and after its end.</summary>
    public Transmission? Transmission { get; set; }

    /// <summary>Whether it waits for an identifier of that server.</summary>
    public bool WaitsAt(int server) => !IsOver && Transmission is null && Server == server;
}

/// <summary>A packet that was sent and awaits its answer: one (socket, identifier) of one server.</summary>
internal sealed class Transmission(ServerSocket socket, byte identifier, byte[] packet, long sent) : IAwaiting
{
    public ServerSocket Socket { get; } = socket;

    public byte Identifier { get; } = identifier;

    /// <summary>The octets, for retransmissions: the server's duplicate cache knows the packet only if not one differs.</summary>
    public byte[] Packet { get; } = packet;

    public long Sent { get; } = sent;

    public int Attempts { get; set; } = 1;

    /// <summary>The wait that runs, milliseconds.</summary>
    public long Wait { get; set; }

    public long Deadline { get; set; }

    public bool IsOver { get; set; }

    /// <summary>The request it carries; <c>null</c> for a Status-Server probe.</summary>
    public PendingRequest? Request { get; init; }

    public ReadOnlySpan<byte> Authenticator => Packet.AsSpan(Wire.RadiusPacket.AuthenticatorOffset, Wire.RadiusPacket.AuthenticatorSize);
}
