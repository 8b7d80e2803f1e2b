using System.Globalization;

namespace L2tpd.Protocol;

/// <summary>
/// The id that one end gave a session: the Session ID of L2TPv2, which is unique in its tunnel (RFC 2661 section 3.1), or that of L2TPv3,
/// which is unique at its end (RFC 3931 section 4.1). Each end chooses its own.
/// </summary>
/// <param name="Value">The number on the wire: 0 to 65,535 in L2TPv2, 0 to 4,294,967,295 in L2TPv3.</param>
public readonly record struct SessionId(uint Value) : ISpanFormattable
{
    /// <summary>No session: the id of a peer that has not sent one yet.</summary>
    public static SessionId None => default;

    /// <summary>Whether it is 0.</summary>
    public bool IsNone => Value == 0;

    /// <summary>The decimal number, in the invariant culture.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);

    /// <summary>The number in <paramref name="format"/>, in the invariant culture whatever the provider.</summary>
    public string ToString(string? format, IFormatProvider? formatProvider) => Value.ToString(format, CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
        Value.TryFormat(destination, out charsWritten, format, CultureInfo.InvariantCulture);
}
