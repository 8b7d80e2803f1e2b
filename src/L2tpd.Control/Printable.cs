
namespace L2tpd.Control;

/// <summary>Makes text from the network fit for a line of a log or the value of an environment variable, as <see cref="PeerText"/> does.</summary>
public static class Printable
{
    /// <summary>The text with unsafe characters as <c>\xNN</c>, cut to a length before and after; the same object where nothing needs doing.</summary>
    public static string Of(string text, int longest = 256) => Cut(PeerText.Escape(Cut(text, longest)), longest);

    /// <summary>The text with unsafe characters as <c>\xNN</c>; nothing is cut off.</summary>
    public static string Escape(string text) => PeerText.Escape(text);

    // Half of a surrogate pair would be shown by its number.
    private static string Cut(string text, int longest) =>
        text.Length <= longest ? text : text[..(longest > 0 && char.IsHighSurrogate(text[longest - 1]) ? longest - 1 : longest)];
}
