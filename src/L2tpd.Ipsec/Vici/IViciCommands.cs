namespace L2tpd.Ipsec.Vici;

/// <summary>Gives commands to strongSwan.</summary>
public interface IViciCommands
{
    /// <summary>Whether commands can be given.</summary>
    bool IsReady { get; }

    /// <summary>Gives a command. <paramref name="done"/> is called once, maybe before this call returns.</summary>
    /// <param name="name">The command.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="limit">How long strongSwan may take; the connection is closed if it takes longer.</param>
    /// <param name="done">Takes the result.</param>
    void Request(string name, ViciSection arguments, TimeSpan limit, Action<ViciResult> done);
}
