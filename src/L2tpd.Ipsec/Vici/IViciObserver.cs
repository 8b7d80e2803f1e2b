namespace L2tpd.Ipsec.Vici;

/// <summary>Takes what happens on a VICI connection.</summary>
public interface IViciObserver
{
    /// <summary>The events are registered; commands can be given.</summary>
    void OnReady();

    /// <summary>An event. The packet is valid during the call only.</summary>
    void OnEvent(in ViciPacket packet);
}
