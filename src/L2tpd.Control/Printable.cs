
namespace L2tpd.Control;

/// <summary>Makes text from the network safe for log lines and environment variables (<see cref="PeerText"/>).</summary>
public static class Printable
{
    /// <summary>
    /// The text with unsafe characters as <c>\xNN</c>, cut to a length before and after; the same object if nothing changes.
    /// </summary>
    public static string Of(string text, int longest = 256) => Cut(PeerText.Escape(Cut(text, longest)), longest);

    /// <summary>The text with unsafe characters as <c>\xNN</c>, in full length.</summary>
    public static string Escape(string text) => PeerText.Escape(text);

    // Half of a surrogate pair would be escaped.
    private static string Cut(string text, int longest) =>
        text.Length <= longest ? text : text[..(longest > 0 && char.IsHighSurrogate(text[longest - 1]) ? longest - 1 : longest)];
}
