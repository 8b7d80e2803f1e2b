namespace L2tpd.Control;

/// <summary>Answer to a command about a configured tunnel or session.</summary>
/// <param name="Name">Its configured name; of a session with that of its tunnel.</param>
/// <param name="Action">One of <see cref="ControlRoutes.Actions"/>.</param>
/// <param name="Note">What follows, in words.</param>
public sealed record ActionView(string Name, string Action, string Note);
