# An instance with data disks, an image, a snapshot and tags, on the sandbox. See README.md.
terraform {
  required_providers {
    tencentcloud = {
      source  = "tencentcloudstack/tencentcloud"
      version = ">= 1.81"
    }
  }
}

# The region, the credentials, the domain and the protocol come from the environment.
provider "tencentcloud" {}

locals {
  tags = {
    team  = "shop"
    stage = "test"
  }
}

data "tencentcloud_images" "ubuntu" {
  image_type       = ["PUBLIC_IMAGE"]
  image_name_regex = "Ubuntu Server 22.04"
}

resource "tencentcloud_instance" "source" {
  instance_name     = "source"
  availability_zone = "ap-guangzhou-3"
  image_id          = data.tencentcloud_images.ubuntu.images[0].image_id
  instance_type     = "S5.MEDIUM4"
  system_disk_type  = "CLOUD_PREMIUM"
  system_disk_size  = 50
  tags              = local.tags

  data_disks {
    data_disk_type = "CLOUD_PREMIUM"
    data_disk_size = 50
  }

  data_disks {
    data_disk_type = "CLOUD_SSD"
    data_disk_size = 100
  }
}

resource "tencentcloud_image" "app" {
  image_name        = "app-v1"
  image_description = "made by Terraform"
  instance_id       = tencentcloud_instance.source.id
  force_poweroff    = true
  tags              = local.tags
}

resource "tencentcloud_cbs_storage" "backup" {
  storage_name      = "backup"
  storage_type      = "CLOUD_PREMIUM"
  storage_size      = 50
  availability_zone = "ap-guangzhou-3"
  tags              = local.tags
}

resource "tencentcloud_cbs_snapshot" "backup" {
  snapshot_name = "backup-v1"
  storage_id    = tencentcloud_cbs_storage.backup.id
  tags          = local.tags
}

output "image_id" {
  value = tencentcloud_image.app.id
}
