using L2tpd.Ipsec.Associations;

namespace L2tpd.Runtime.Ipsec;

/// <summary>Takes what happens in strongSwan. Loop thread.</summary>
public interface IStrongSwanObserver
{
    /// <summary>strongSwan is reached.</summary>
    void OnReached();

    /// <summary>strongSwan cannot be reached any more, or yet. Once until it is reached.</summary>
    /// <param name="why">The reason, for the operator.</param>
    void OnLost(string why);

    /// <summary>A connection of our configuration cannot be loaded.</summary>
    void OnNotLoaded(string connection, string why);

    /// <summary>IKE with a peer that dials us has failed.</summary>
    /// <param name="peer">The peer's address.</param>
    /// <param name="why">The reason, for the operator.</param>
    void OnPeerFailed(string peer, string why);

    void OnStarted(SecurityAssociation association);

    /// <summary>An SA has ended and was not replaced.</summary>
    /// <param name="association">The SA.</param>
    /// <param name="isLost">strongSwan was started again without it.</param>
    void OnEnded(SecurityAssociation association, bool isLost);
}
