using System.Diagnostics.CodeAnalysis;

using Microsoft.Extensions.DependencyInjection;

namespace Qi.Actors;

/// <summary>Says what a hosted actor system contains.</summary>
public interface IQiActorsBuilder
{
    /// <summary>The services of the host.</summary>
    IServiceCollection Services { get; }

    /// <summary>Changes the options after they were bound from configuration.</summary>
    IQiActorsBuilder Configure(Action<QiActorsOptions> configure);

    /// <summary>Spawns an actor when the host starts. Its constructor is injected from a scope of its own, which ends with the actor.</summary>
    /// <typeparam name="TActor">Derives from <see cref="Actor{TMessage}"/> or <see cref="AsyncActor{TMessage}"/>.</typeparam>
    /// <param name="name">Its name, by which <see cref="ActorSystem.Get{TMessage}(string)"/> finds it.</param>
    /// <param name="options">Its priority and mailbox; null for the defaults.</param>
    /// <exception cref="ArgumentException">The name is not a valid one, or was added before.</exception>
    IQiActorsBuilder AddActor<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TActor>(string name, ActorOptions? options = null)
        where TActor : ActorBase;

    /// <summary>Spawns an actor when the host starts, made by a factory.</summary>
    /// <inheritdoc cref="AddActor{TActor}(string, ActorOptions)"/>
    /// <param name="name">Its name.</param>
    /// <param name="factory">Makes the actor from the services of its scope.</param>
    /// <param name="options">Its priority and mailbox; null for the defaults.</param>
    IQiActorsBuilder AddActor(string name, Func<IServiceProvider, ActorBase> factory, ActorOptions? options = null);

    /// <summary>Spawns an actor when the host starts, made of one delegate.</summary>
    /// <inheritdoc cref="AddActor{TActor}(string, ActorOptions)"/>
    /// <param name="name">Its name.</param>
    /// <param name="receive">Handles a message; it is given the services of the actor's scope.</param>
    /// <param name="options">Its priority and mailbox; null for the defaults.</param>
    IQiActorsBuilder AddActor<TMessage>(string name, Action<IServiceProvider, TMessage> receive, ActorOptions? options = null);

    /// <summary>Spawns an actor when the host starts, made of one asynchronous delegate.</summary>
    /// <inheritdoc cref="AddActor{TMessage}(string, Action{IServiceProvider, TMessage}, ActorOptions)"/>
    IQiActorsBuilder AddActor<TMessage>(string name, Func<IServiceProvider, TMessage, ValueTask> receive, ActorOptions? options = null);
}
