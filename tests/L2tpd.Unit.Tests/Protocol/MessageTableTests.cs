using System.Globalization;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;
using static L2tpd.Unit.Tests.Protocol.RawAvp;

namespace L2tpd.Unit.Tests.Protocol;

/// <summary>The messages of both versions against the checked-in tables: name, level, M bit, and which AVPs a message must carry.</summary>
public class MessageTableTests
{
    public static TheoryData<ProtocolVersion, MessageType, int> RequiredAvps()
    {
        var cases = new TheoryData<ProtocolVersion, MessageType, int>();
        foreach (var version in Enum.GetValues<ProtocolVersion>())
        {
            foreach (var row in Rows(version))
            {
                foreach (var avp in row.Skip(4))
                    cases.Add(version, TypeOf(row), int.Parse(avp, CultureInfo.InvariantCulture));
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(RequiredAvps))]
    public void Required_avp_missing_is_an_error_naming_it(ProtocolVersion version, MessageType type, int avp)
    {
        var message = Encode(version, type);
        var without = Without(message, avp);
        Assert.True(without.Length < message.Length);
        var decoded = Wire.Decode(without);
        Assert.Null(decoded.Message);
        Assert.Equal(new DecodeError(DecodeErrorKind.MissingAvp, without.Length, 0, (ushort)avp), decoded.Error);
        Assert.Equal(StopCcnResult.GeneralError, decoded.Error.ToResultCode().Result);
        Assert.StartsWith($"AVP {avp} (", decoded.Error.ToResultCode().Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ProtocolVersion.V2)]
    [InlineData(ProtocolVersion.V3)]
    public void Messages_need_no_more_than_the_table_says(ProtocolVersion version)
    {
        var table = version == ProtocolVersion.V2 ? AvpTable.V2 : AvpTable.V3;
        foreach (var row in Rows(version))
        {
            var message = Encode(version, TypeOf(row));
            HashSet<string> required = [.. row.Skip(4), "0"];
            foreach (var avp in table.Rows.Where(avp => avp.VendorId == 0 && !required.Contains($"{avp.Type}")))
                message = Without(message, avp.Type);
            Assert.NotNull(Wire.Decode(message).Message);
        }
    }

    [Theory]
    [InlineData(ProtocolVersion.V2)]
    [InlineData(ProtocolVersion.V3)]
    public void Name_level_and_M_bit_of_each_message_are_the_tables(ProtocolVersion version)
    {
        var rows = Rows(version);
        Assert.Equal(MessageTable.Of(version).Rows.Count, rows.Count);
        Assert.Equal(RandomMessages.Types(version).Count(), rows.Count);
        foreach (var row in rows)
        {
            var type = TypeOf(row);
            var isSession = row[2] == "S";
            var definition = MessageTable.Of(version).Find(type)!;
            Assert.Equal((row[1], isSession, row[3] == "M=1"), (definition.Name, definition.IsSession, definition.Mandatory));
            Assert.Equal((row[1], isSession), (MessageTypes.NameOf(type), MessageTypes.IsSession(type)));
            Assert.Equal(isSession, Draw(version, type) is SessionMessage);
            Assert.Equal(row[3] == "M=1" ? 0x80 : 0x00, Encode(version, type)[12] & 0x80);
        }
    }

    private static IReadOnlyList<string[]> Rows(ProtocolVersion version) =>
        TextTable.Read(version == ProtocolVersion.V2 ? "messages-v2.txt" : "messages-v3.txt");

    private static MessageType TypeOf(string[] row) => (MessageType)ushort.Parse(row[0], CultureInfo.InvariantCulture);

    private static ControlMessage Draw(ProtocolVersion version, MessageType type) =>
        new RandomMessages(new Random(1), version, everything: true).Draw(type);

    private static byte[] Encode(ProtocolVersion version, MessageType type) => Wire.Encode(Draw(version, type), 1, version: version);
}
