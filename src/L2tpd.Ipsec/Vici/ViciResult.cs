namespace L2tpd.Ipsec.Vici;

/// <summary>What became of a command.</summary>
/// <param name="Response">The server's response; empty if there is none.</param>
/// <param name="Error">Why the command failed, for the operator; <c>null</c> if it did not.</param>
public readonly record struct ViciResult(ViciSection Response, string? Error)
{
    public bool IsDone => Error is null;

    /// <summary>A command that got no response.</summary>
    public static ViciResult Failed(string why) => new(new ViciSection(), why);

    /// <summary>
    /// Judges a response. Commands that can fail say <c>success = no</c> with a text; list commands answer with an empty message.
    /// </summary>
    public static ViciResult Of(ViciSection response) => response.Value("success") is null or "yes"
        ? new ViciResult(response, null)
        : new ViciResult(response, response.Value("errmsg") is { Length: > 0 } text ? text : "strongSwan gives no reason");
}
