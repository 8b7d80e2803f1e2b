using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Digests;
using L2tpd.Protocol.Messages;

namespace L2tpd.Unit.Tests.Protocol;

/// <summary>The messages of a session allocate nothing except the decoded record and its fields.</summary>
public class AllocationTests
{
    private const int Rounds = 1000;

    public static TheoryData<ControlMessage> HotMessages() =>
    [
        new Icrq { LocalSessionId = new(1), CallSerialNumber = 2 },
        new Icrp { LocalSessionId = new(1), RemoteSessionId = new(2) },
        new Iccn { RemoteSessionId = new(2), TxConnectSpeed = 1_000_000, FramingType = FramingTypes.Synchronous },
        new Cdn { LocalSessionId = new(1), RemoteSessionId = new(2), Result = new ResultCode(3) },
        Hello.Instance,
    ];

    [Theory]
    [MemberData(nameof(HotMessages))]
    public void Encoding_allocates_nothing(ControlMessage message)
    {
        var room = new byte[MessageCodec.MaxMessageSize];
        var hiding = new EncodeOptions(new byte[20], new byte[16]);
        Assert.Equal(0, PerRound(() => MessageCodec.Encode(message, ProtocolVersion.V2, new TunnelId(1), default, room)));
        Assert.Equal(0, PerRound(() => MessageCodec.Encode(message, ProtocolVersion.V2, new TunnelId(1), hiding, room)));
    }

    [Theory]
    [MemberData(nameof(HotMessages))]
    public void Decoding_allocates_the_record_only(ControlMessage message)
    {
        var clear = Wire.Encode(message, 1);
        var key = new byte[20];
        var hidden = Wire.Encode(message, 1, new EncodeOptions(key, new byte[16]));
        var record = PerRound(() => Copy(message));
        Assert.Equal(record, PerRound(() => Wire.Decode(clear)));
        Assert.Equal(record, PerRound(() => Wire.Decode(hidden, new DecodeOptions(key))));
    }

    [Fact]
    public void Zlbs_allocate_nothing()
    {
        var room = new byte[12];
        Assert.Equal(0, PerRound(() => MessageCodec.EncodeZlb(ProtocolVersion.V2, new TunnelId(1), 2, 3, room)));
        Assert.Equal(0, PerRound(() => MessageCodec.TryDecodeHeader(room, out _, out _)));
    }

    [Fact]
    public void Digests_allocate_nothing()
    {
        var keys = ControlMessageKeys.FromSecret("secret"u8);
        ControlMessageKeys[] candidates = [keys];
        var nonce = new byte[16];
        foreach (var type in Enum.GetValues<DigestType>())
        {
            var message = Wire.Encode(Hello.Instance, 1, new EncodeOptions(Digest: type), ProtocolVersion.V3);
            Assert.Equal(0, PerRound(() => Seal(message, keys, nonce)));
            Assert.Equal(0, PerRound(() => MessageDigest.Verify(message, candidates, nonce, nonce)));
        }
    }

    private static bool Seal(byte[] message, ControlMessageKeys keys, byte[] nonce)
    {
        MessageDigest.Seal(message, keys, nonce, nonce);
        return true;
    }

    [Fact]
    public void A_refused_message_allocates_nothing()
    {
        var message = RawAvp.Append(Wire.Encode(new Icrq { LocalSessionId = new(1) }, 1), RawAvp.Build(4711, "00"));
        Assert.Equal(0, PerRound(() => Wire.Decode(message)));
    }

    /// <summary>A new record of the message's size; a CDN holds a result code besides.</summary>
    private static object Copy(ControlMessage message) => message switch
    {
        Icrq icrq => icrq with { },
        Icrp icrp => icrp with { },
        Iccn iccn => iccn with { },
        Cdn cdn => cdn with { Result = cdn.Result with { } },
        _ => message,
    };

    private static long PerRound<T>(Func<T> action)
    {
        RunAll();
        return Allocations.Of(RunAll) / Rounds;

        void RunAll()
        {
            for (var round = 0; round < Rounds; round++)
                action();
        }
    }
}
