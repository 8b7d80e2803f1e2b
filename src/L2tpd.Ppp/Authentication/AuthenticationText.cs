using System.Text;

namespace L2tpd.Ppp.Authentication;

/// <summary>Names and secrets between text and the wire.</summary>
internal static class AuthenticationText
{
    /// <summary>The text in UTF-8, at most 255 octets: the length field has one octet.</summary>
    internal static ReadOnlySpan<byte> Octets(string text)
    {
        var octets = Encoding.UTF8.GetBytes(text);
        return octets.AsSpan(0, Math.Min(octets.Length, byte.MaxValue));
    }

    /// <summary>A peer's message for our log: at most 200 octets, control characters replaced.</summary>
    internal static string? Printable(ReadOnlySpan<byte> message)
    {
        if (message.IsEmpty)
            return null;

        var text = Encoding.UTF8.GetString(message[..Math.Min(message.Length, 200)]);
        return string.Create(text.Length, text, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
                span[i] = char.IsControl(source[i]) ? '?' : source[i];
        });
    }
}
