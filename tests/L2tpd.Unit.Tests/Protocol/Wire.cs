using System.Collections;
using System.Reflection;
using L2tpd.Protocol;
using L2tpd.Protocol.Messages;

namespace L2tpd.Unit.Tests.Protocol;

/// <summary>Shorthand for tests of whole messages.</summary>
internal static class Wire
{
    public static byte[] Encode(
        ControlMessage message, uint tunnelId, EncodeOptions options = default, ProtocolVersion version = ProtocolVersion.V2)
    {
        var room = new byte[16384];
        var size = MessageCodec.Encode(message, version, new TunnelId(tunnelId), options, room);
        Assert.True(size > 0, $"{message.Type} did not fit");
        return room[..size];
    }

    public static DecodedMessage Decode(ReadOnlySpan<byte> octets, DecodeOptions options = default)
    {
        // No text for the assertion: it would be built every time, and AllocationTests measure allocations.
        Assert.True(MessageCodec.TryDecodeHeader(octets, out var header, out _));
        return MessageCodec.Decode(header, octets, options);
    }

    /// <summary>Compares public values deeply: records compare arrays by reference.</summary>
    public static void AssertSame(object? expected, object? actual) => AssertSame(expected, actual, expected?.GetType().Name ?? "null");

    private static void AssertSame(object? expected, object? actual, string path)
    {
        if (expected is null || actual is null || IsScalar(expected.GetType()))
        {
            Assert.True(Equals(expected, actual), $"{path}: expected {expected ?? "null"}, got {actual ?? "null"}");
            return;
        }

        Assert.Equal(expected.GetType(), actual.GetType());
        if (expected is IList list)
        {
            var other = (IList)actual;
            Assert.True(list.Count == other.Count, $"{path}: expected {list.Count} elements, got {other.Count}");
            for (var i = 0; i < list.Count; i++)
                AssertSame(list[i], other[i], $"{path}[{i}]");
            return;
        }

        foreach (var property in expected.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
            AssertSame(property.GetValue(expected), property.GetValue(actual), $"{path}.{property.Name}");
    }

    private static bool IsScalar(Type type) => type.IsPrimitive || type.IsEnum || type == typeof(string);
}
