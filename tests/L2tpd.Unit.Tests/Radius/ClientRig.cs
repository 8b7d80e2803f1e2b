using L2tpd.Radius.Client;
using L2tpd.Radius.Wire;

namespace L2tpd.Unit.Tests.Radius;

/// <summary>A client whose packets are recorded, with a manual clock and random numbers that give a RAND of 0.</summary>
internal sealed class ClientRig : IRadiusEffects, IRadiusRandom
{
    public ClientRig(params RadiusServer[] servers) => Client = new RadiusClient(servers, "lns1", this, this);

    public RadiusClient Client { get; }

    public long Now { get; private set; }

    public List<(long At, ServerSocket Socket, byte[] Packet)> Sent { get; } = [];

    /// <summary>Outcomes: <c>3 AccessAccept from 0</c>, <c>3 unanswered</c>.</summary>
    public List<string> Outcomes { get; } = [];

    public (long At, ServerSocket Socket, byte[] Packet) Last => Sent[^1];

    public static RadiusServer Server(string name, string secret = "testing123") =>
        new() { Name = name, Secret = System.Text.Encoding.ASCII.GetBytes(secret) };

    public void Submit(ulong id, RadiusRequest? request = null, ServerGroup? group = null) =>
        Client.Submit(id, request ?? new PapRequest(), group ?? new ServerGroup([0]), Now);

    /// <summary>Moves the clock, and handles every deadline at its own time.</summary>
    public void RunTo(long time)
    {
        for (var next = Client.NextDeadline; next <= time; next = Client.NextDeadline)
        {
            Now = Math.Max(Now, next);
            Client.HandleDeadline(Now);
        }

        Now = time;
    }

    /// <summary>The answer of a server with that secret to a packet.</summary>
    public static byte[] AnswerTo(byte[] packet, RadiusCode code, string secret = "testing123", bool withMessageAuthenticator = true)
    {
        var builder = new PacketBuilder(
            new byte[100], code, packet[1], System.Text.Encoding.ASCII.GetBytes(secret), packet.AsSpan(4, 16), withMessageAuthenticator);
        return builder.Seal().ToArray();
    }

    public void Answer((long At, ServerSocket Socket, byte[] Packet) sent, RadiusCode code = RadiusCode.AccessAccept,
        string secret = "testing123") =>
        Client.Receive(sent.Socket, AnswerTo(sent.Packet, code, secret), Now);

    void IRadiusEffects.Send(ServerSocket socket, ReadOnlySpan<byte> packet) => Sent.Add((Now, socket, packet.ToArray()));

    /// <summary>Connections asked for: <c>connect 0/0</c>, <c>disconnect 0/0</c>.</summary>
    public List<string> Connections { get; } = [];

    void IRadiusEffects.Connect(ServerSocket socket) => Connections.Add($"connect {socket.Server}/{socket.Number}");

    void IRadiusEffects.Disconnect(ServerSocket socket) => Connections.Add($"disconnect {socket.Server}/{socket.Number}");

    void IRadiusEffects.Answered(ulong requestId, int server, in RadiusPacket answer, ReadOnlySpan<byte> authenticator) =>
        Outcomes.Add($"{requestId} {answer.Code} from {server}");

    void IRadiusEffects.Unanswered(ulong requestId) => Outcomes.Add($"{requestId} unanswered");

    private uint _fills;

    /// <summary>RAND is read from the first four octets; the rest is a counter, so that all authenticators differ.</summary>
    void IRadiusRandom.Fill(Span<byte> octets)
    {
        octets.Clear();
        octets[0] = 0x80;
        if (octets.Length >= 8)
            System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(octets[4..], ++_fills);
    }

    /// <summary>An Access-Request by PAP.</summary>
    internal sealed class PapRequest(uint affinity = 0) : RadiusRequest
    {
        public override RadiusService Service => RadiusService.Authentication;

        public override uint Affinity => affinity;

        public override void Write(ref PacketBuilder packet, int server, long delay)
        {
            packet.AddText(AttributeType.UserName, "alice");
            packet.AddUserPassword("pap-secret"u8);
        }
    }

    /// <summary>An Accounting-Request with the delay of the client.</summary>
    internal sealed class StopRequest : RadiusRequest
    {
        public override RadiusService Service => RadiusService.Accounting;

        public override void Write(ref PacketBuilder packet, int server, long delay) =>
            packet.AddUInt32(AttributeType.AcctDelayTime, (uint)(delay / 1_000));
    }
}
