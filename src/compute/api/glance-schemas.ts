type Schema = Readonly<Record<string, unknown>>

const text = (description: string) => ({ type: 'string', description })
const count = (description: string) => ({ type: ['null', 'integer'], description })
const flag = (description: string) => ({ type: 'boolean', description })
const readOnly = (schema: Schema) => ({ ...schema, readOnly: true })
const list = (name: string, one: Schema): Schema => ({
  name,
  properties: {
    [name]: { type: 'array', items: one },
    first: text('First page'),
    next: text('Next page'),
    schema: text('Schema'),
  },
})

const IMAGE: Schema = {
  name: 'image',
  properties: {
    id: text('An identifier for the image'),
    name: { type: ['null', 'string'], description: 'Descriptive name for the image', maxLength: 255 },
    status: readOnly(text('Status of the image')),
    visibility: text('Scope of image accessibility'),
    protected: flag('If true, image will not be deletable'),
    os_hidden: flag('If true, image will not appear in default image list response'),
    owner: { type: ['null', 'string'], description: 'Owner of the image' },
    container_format: { type: ['null', 'string'], description: 'Format of the container' },
    disk_format: { type: ['null', 'string'], description: 'Format of the disk' },
    min_disk: { type: 'integer', description: 'Amount of disk space (in GB) required to boot image' },
    min_ram: { type: 'integer', description: 'Amount of ram (in MB) required to boot image' },
    size: readOnly(count('Size of image file in bytes')),
    virtual_size: readOnly(count('Virtual size of image in bytes')),
    checksum: readOnly({ type: ['null', 'string'], description: 'md5 hash of image contents' }),
    tags: {
      type: 'array',
      items: { type: 'string', maxLength: 255 },
      description: 'List of strings related to the image',
    },
    created_at: readOnly(text('Date and time of image registration')),
    updated_at: readOnly(text('Date and time of the last image modification')),
    self: readOnly(text('The image URL')),
    file: readOnly(text('An image file URL')),
    schema: readOnly(text('An image schema URL')),
  },
  additionalProperties: { type: 'string' },
}

const NAMESPACE: Schema = {
  name: 'namespace',
  properties: {
    namespace: { ...text('The unique namespace text'), maxLength: 80 },
    display_name: { ...text('The user friendly name for the namespace'), maxLength: 80 },
    description: { ...text('Provides a user friendly description of the namespace'), maxLength: 500 },
    visibility: { ...text('Scope of namespace accessibility'), enum: ['public', 'private'] },
    protected: flag('If true, namespace will not be deletable'),
    owner: { ...text('Owner of the namespace'), maxLength: 255 },
    created_at: readOnly(text('Date and time of namespace creation')),
    updated_at: readOnly(text('Date and time of the last namespace modification')),
    self: text('The namespace URL'),
    schema: text('The namespace schema URL'),
  },
  additionalProperties: false,
  required: ['namespace'],
}

const RESOURCE_TYPE: Schema = {
  name: 'resource_type_association',
  properties: {
    name: { ...text('Resource type names'), maxLength: 80 },
    prefix: { ...text('Specifies the prefix to use for the given resource type'), maxLength: 80 },
    properties_target: { ...text('Some resource types allow more than one key per resource instance'), maxLength: 80 },
    created_at: readOnly(text('Date and time of resource type association')),
    updated_at: readOnly(text('Date and time of the last resource type association modification')),
  },
  additionalProperties: false,
  required: ['name'],
}

/** JSON schemas of what the Image API shows, by their path below /v2/schemas: clients build their objects from them. */
export const SCHEMAS: Readonly<Record<string, Schema>> = {
  image: IMAGE,
  images: list('images', IMAGE),
  'metadefs/namespace': NAMESPACE,
  'metadefs/namespaces': list('namespaces', NAMESPACE),
  'metadefs/resource_type': RESOURCE_TYPE,
  'metadefs/resource_types': list('resource_type_associations', RESOURCE_TYPE),
}
