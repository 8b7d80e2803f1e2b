using System.Buffers.Binary;
using L2tpd.Linux;
using L2tpd.Linux.Netlink;

namespace L2tpd.Unit.Tests.Linux;

/// <summary>
/// A netlink peer that records requests and sends scripted answers. Silent (EAGAIN, as after SO_RCVTIMEO) at the end of the script.
/// </summary>
internal sealed class ScriptedKernel : INetlinkTransport
{
    public const uint Port = 0x1234;
    public const ushort Family = 0x21;
    private readonly Queue<Func<byte[], byte[][]>> _script = new();
    private readonly Queue<byte[]> _answers = new();

    public List<byte[]> Requests { get; } = [];

    public bool IsDisposed { get; private set; }

    public uint PortId => Port;

    public int SendErrno { get; set; }

    /// <summary>One entry per request. Each array it returns is one datagram.</summary>
    public ScriptedKernel On(Func<byte[], byte[][]> answer)
    {
        _script.Enqueue(answer);
        return this;
    }

    /// <summary>Answers the family lookup as Linux does.</summary>
    public static ScriptedKernel WithFamily() => new ScriptedKernel().On(request =>
    [
        Message(request, 16, 0, Hex(
            "01 02 00 00" + // CTRL_CMD_NEWFAMILY
            "09 00 02 00 6c 32 74 70 00 00 00 00" + // name "l2tp"
            "06 00 01 00 21 00 00 00" + // id
            "1c 00 07 80" + "18 00 01 80" + "08 00 02 00 07 00 00 00" + "09 00 01 00 6c 32 74 70 00 00 00 00")), // groups
        Ack(request, 0),
    ]);

    public int Send(ReadOnlySpan<byte> message)
    {
        if (SendErrno != 0)
            return SendErrno;
        var request = message.ToArray();
        Requests.Add(request);
        if (_script.TryDequeue(out var answer))
        {
            foreach (var datagram in answer(request))
                _answers.Enqueue(datagram);
        }

        return 0;
    }

    public int Receive(Span<byte> buffer)
    {
        if (!_answers.TryDequeue(out var answer))
            return -Errno.EAGAIN;
        answer.CopyTo(buffer);
        return answer.Length;
    }

    public void Dispose() => IsDisposed = true;

    /// <summary>A message with the request's sequence number and our port.</summary>
    public static byte[] Message(byte[] request, ushort type, ushort flags, byte[] payload)
    {
        var message = new byte[(16 + payload.Length + 3) & ~3];
        BinaryPrimitives.WriteUInt32LittleEndian(message, (uint)(16 + payload.Length));
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(4), type);
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(6), flags);
        request.AsSpan(8, 4).CopyTo(message.AsSpan(8));
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(12), Port);
        payload.CopyTo(message, 16);
        return message;
    }

    /// <summary>NLMSG_ERROR with the header of the request (NETLINK_CAP_ACK) and an optional text.</summary>
    public static byte[] Ack(byte[] request, int errno, string? text = null)
    {
        var payload = new List<byte>(BitConverter.GetBytes(-errno));
        payload.AddRange(request.AsSpan(0, 16));
        if (text is not null)
        {
            payload.AddRange(BitConverter.GetBytes((ushort)(4 + text.Length + 1)));
            payload.AddRange(BitConverter.GetBytes((ushort)1));
            payload.AddRange(System.Text.Encoding.UTF8.GetBytes(text));
            payload.Add(0);
        }

        return Message(request, 2, (ushort)(0x100 | (text is null ? 0 : 0x200)), [.. payload]);
    }

    public static byte[] Done(byte[] request, int errno = 0) => Message(request, 3, 2, BitConverter.GetBytes(-errno));

    public static byte[] Hex(string text) => Convert.FromHexString(text.Replace(" ", "", StringComparison.Ordinal));

    /// <summary>A request without sequence number and port, as tests state it: family, flags, then everything after the port.</summary>
    public static string Body(byte[] request)
    {
        Assert.Equal((uint)request.Length, BinaryPrimitives.ReadUInt32LittleEndian(request));
        Assert.Equal(Port, BinaryPrimitives.ReadUInt32LittleEndian(request.AsSpan(12)));
        return Convert.ToHexStringLower(request.AsSpan(4, 4)) + " " + Convert.ToHexStringLower(request.AsSpan(16));
    }
}
